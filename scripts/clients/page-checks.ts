/** What a page of another origin does by each protocol, and what must come of it. */
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import type { World } from './checks.ts';
import { SHELF } from './checks.ts';
import { PROTOCOLS } from './chromium.ts';
import type { SeenResponse, Browser } from './chromium-pipe.ts';
import { callsIn, until } from './observe.ts';
import type { Json, SpeakerName, Told, UnaryMethod } from './page/types.ts';

/** In the order of the table. */
export const PAGE_CHECKS = ['read', 'write', 'error', 'stream', 'cancel'] as const;
export type PageCheck = (typeof PAGE_CHECKS)[number];

/** The browser's page, and what went over the network since somebody asked. */
export interface OpenPage {
  readonly browser: Browser;
  readonly world: World;
  readonly seen: SeenResponse[];
}

interface Subject extends OpenPage {
  readonly speaker: SpeakerName;
}

const READ = { name: 'shelves/1/books/1' };
const MISSING = { name: 'shelves/1/books/none' };
const NAME = `shelves/${SHELF}`;

export const RUN_PAGE: Readonly<Record<PageCheck, (subject: Subject) => Promise<void>>> = {
  async read(subject) {
    const told = await ask(subject, 'GetBook', READ);
    const book = JSON.parse(subject.world.book) as Json;
    deepEqual(told, { value: book, revision: book['revision'], failure: null });
    await expectTraffic(
      subject,
      isGet(subject.speaker) ? ['GET 200'] : ['OPTIONS 204', 'POST 200'],
    );
  },
  async write(subject) {
    await create(subject);
    await expectTraffic(subject, ['OPTIONS 204', 'POST 200']);
  },
  /** Its details are the same, whatever the protocol. */
  async error(subject) {
    const { value, failure } = await ask(subject, 'GetBook', MISSING);
    const { code, message, details } = JSON.parse(subject.world.missing) as NonNullable<
      Told['failure']
    >;
    const [{ '@type': type, ...detail } = {}] = details;
    deepEqual([value, failure?.code, failure?.message], [null, code, message]);
    deepEqual(failure?.details[0], { type: String(type).replace(/^.*\//, ''), ...detail });
  },
  /** The second event happens only after the first has been read: nothing may hold it back until the end. */
  async stream(subject) {
    const { browser } = subject;
    await watch(subject, { name: NAME, maxEvents: 2 });
    ok('opened' in (await next(browser)), 'the first event is the shelf');
    const title = await create(subject);
    const { created } = await next(browser);
    equal((created as Json)['title'], title);
    equal(await browser.evaluate('page.next()'), null, 'nothing comes behind the last event');
  },
  async cancel(subject) {
    const { browser, world } = subject;
    await watch(subject, { name: NAME });
    await next(browser);
    await until('the call has reached the service', async () => {
      const { atGateway, atService } = await callsIn(world.adminPort);
      return atGateway === 1 && atService === 1;
    });
    await browser.evaluate('page.cancel()');
    await untilNoCall(world.adminPort);
  },
};

/** The same page of an origin that the gateway does not let in: whatever it asks, it learns nothing. */
export async function expectRefused(subject: Subject): Promise<void> {
  const told = await ask(subject, 'GetBook', READ).catch((error: Error) => error.message);
  if (typeof told === 'string') match(told, /TypeError: Failed to fetch/);
  else deepEqual([told.value, told.revision, told.failure?.details], [null, null, []]);
}

export function untilNoCall(adminPort: number): Promise<void> {
  return until('no call is left', async () => {
    const { atGateway, atService } = await callsIn(adminPort);
    return atGateway === 0 && atService === 0;
  });
}

function isGet(speaker: SpeakerName): boolean {
  return speaker === 'REST' || speaker.includes('GET');
}

async function create(subject: Subject): Promise<string> {
  const title = subject.world.title();
  const told = await ask(subject, 'CreateBook', { parent: NAME, book: { title } });
  equal(told.failure, null);
  equal((told.value as Json)['title'], title);
  return title;
}

function ask(
  { browser, speaker, seen }: Subject,
  method: UnaryMethod,
  request: Json,
): Promise<Told> {
  seen.length = 0;
  return browser.evaluate(
    `page.ask(${[speaker, method, request].map((one) => JSON.stringify(one)).join()})`,
  );
}

async function watch({ browser, speaker }: Subject, request: Json): Promise<void> {
  await browser.evaluate(`page.watch(${JSON.stringify(speaker)},${JSON.stringify(request)})`);
}

async function next(browser: Browser): Promise<Json> {
  const event = await browser.evaluate<Json | null>('page.next()');
  if (event === null) throw new Error('the stream has ended');
  return event;
}

/** The browser has asked first where it has to, and spoke the version of HTTP that this row is about. */
async function expectTraffic({ seen, world }: Subject, expected: readonly string[]): Promise<void> {
  await until('the browser has told of every response', () => seen.length >= expected.length);
  deepEqual(
    seen.map(({ verb, status }) => `${verb} ${status}`),
    expected,
  );
  for (const { protocol } of seen) equal(PROTOCOLS[protocol], world.target.protocol);
}
