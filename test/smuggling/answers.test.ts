/**
 * Answers of an HTTP/1.1 service that another hop could read differently, through the outbound for plain services, on the only connection
 * that it may have. Each is sent whole, in parts, and with another answer in the same bytes; whatever becomes of it, the next call gets
 * its own answer. The cases of the corpus of requests are sent back as answers, too.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { GatewayError, type PgCodeName } from '../../src/call/error.ts';
import type { Reply } from '../../src/call/types.ts';
import { allItems, targetOn } from '../contract/outbound/harness.ts';
import { turns } from '../contract/exchange/host.ts';
import { untilStill } from '../support/raw-connection.ts';
import { goodAnswer, startRawService } from '../support/raw-service.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';

interface Case {
  readonly name: string;
  /** The section of the RFC that the expectation follows. */
  readonly section: string;
  /** Bytes as Latin-1. */
  readonly answer: string;
  /** The service closes behind it. */
  readonly closes?: boolean;
  readonly expect: PgCodeName | Good;
}

interface Good {
  readonly item?: object;
  /** Where it is not OK. */
  readonly status?: string;
  /** Whether the next call has the same connection. */
  readonly reused: boolean;
}

interface RequestCase {
  readonly name: string;
  readonly section: string;
  readonly request: string;
  readonly expect: unknown;
}

const SMUGGLED = goodAnswer({ name: 'smuggled' });
const answers = read<Case>('answers');
/** The heads and bodies of bad requests behind a good status line. */
const requests = ['lengths', 'codings', 'fields', 'chunks'].flatMap((file) =>
  read<RequestCase>(file)
    // A version of its own is a thing of the answers above.
    .filter(({ request }) => request.split('\r\n', 1)[0]?.endsWith(' HTTP/1.1') === true)
    .filter(({ expect }) => typeof expect !== 'object' || Array.isArray(expect))
    .map(({ name, section, request }): Case => {
      const answer = request.replace(/^[^\r\n]*/, 'HTTP/1.1 200 OK');
      // It is more than a message may have.
      const huge = name.includes('no number of JavaScript');
      const expect = huge ? 'PG_RESPONSE_TOO_LARGE' : 'PG_UPSTREAM_PROTOCOL';
      return { name: `${file}: ${name}`, section, answer, expect };
    }),
);

test('there are 300 answers, each with a name of its own and the section of an RFC', () => {
  const all = [...answers, ...requests];
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, section } of all) {
    assert.match(section, /^RFC (9112|9110) section \d+(\.\d+)*$/, name);
  }
  assert.ok(all.length >= 300, `${all.length} cases`);
});

for (const [name, cases] of Object.entries({ answers, requests })) {
  describe(`an HTTP/1.1 service: ${name}`, () => {
    for (const one of cases) {
      test(`${one.name} (${one.section})`, async (t) => {
        await check(t, one);
        await check(t, one, { cut: one.answer.length >> 1 });
        await check(t, one, { cut: one.answer.length - 1 });
        if (one.closes !== true) await check(t, one, { behind: SMUGGLED });
      });
    }
  });
}

interface Sending {
  readonly cut?: number;
  readonly behind?: string;
}

async function check(t: TestContext, one: Case, sending: Sending = {}): Promise<void> {
  const { expect } = one;
  const service = await startRawService(t);
  const { send, outbound } = targetOn(
    t,
    (endpoint, settings) => makeRestOutbound(endpoint, { ...settings, connections: { max: 1 } }),
    service.port,
  );
  const socket = Promise.withResolvers<Socket>();
  service.script = socket.resolve;
  const ending = endOf(send().reply);
  await play(await socket.promise, one, sending);
  await settled(ending, await socket.promise);
  const end = await ending.promise;
  if (typeof expect === 'string') {
    assert.ok(end instanceof GatewayError, JSON.stringify(end));
    assert.equal(end.pg, expect, end.message);
    assert.notEqual(end.reached, 'no');
  } else {
    assert.ok(!(end instanceof Error), JSON.stringify(end));
    assert.deepEqual(
      [end.items, end.code],
      [expect.item ? [expect.item] : [], expect.status ?? 'OK'],
    );
  }
  service.script = (next) => void next.write(goodAnswer({ name: 'next' }));
  assert.deepEqual(await allItems(await send().reply), [{ name: 'next' }]);
  assert.equal(service.received.length, 2, 'nothing is sent twice');
  const reused = typeof expect === 'object' && expect.reused && sending.behind === undefined;
  assert.equal(service.accepted, reused ? 1 : 2, 'connections');
  outbound.close();
}

async function play(
  socket: Socket,
  { answer, closes = false }: Case,
  { cut = answer.length, behind = '' }: Sending,
): Promise<void> {
  socket.setNoDelay(true);
  socket.write(Buffer.from(answer.slice(0, cut), 'latin1'));
  if (cut < answer.length) await turns(5);
  socket.write(Buffer.from(answer.slice(cut) + behind, 'latin1'));
  if (closes) socket.end();
}

interface Ended {
  readonly items: readonly object[];
  readonly code: string;
}

interface Ending {
  over: number;
  readonly promise: Promise<Ended | Error>;
}

function endOf(reply: Promise<Reply>): Ending {
  const ending: Ending = {
    over: 0,
    promise: reply
      .then(async (got) => ({ items: await allItems(got), code: (await got.end).code }))
      .catch((error: unknown) => error as Error)
      .finally(() => (ending.over = 1)),
  };
  return ending;
}

/** An answer that asks for more than there is waits; its service leaves. */
async function settled(ending: Ending, socket: Socket): Promise<void> {
  await untilStill(() => ending.over);
  if (ending.over === 0) socket.end();
}

function read<Of>(file: string): Of[] {
  return JSON.parse(readFileSync(new URL(`${file}.json`, import.meta.url), 'utf8')) as Of[];
}
