/** What every client does, and what must come of it. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { callsIn, until } from './observe.ts';
import type { Answer, Check, Speaker, Target, Way } from './types.ts';

export interface World {
  readonly target: Target;
  readonly adminPort: number;
  /** What another client got, to the byte. */
  readonly book: string;
  readonly missing: string;
  /** A title that nobody has used yet. */
  title(): string;
}

export const BOOK_PATH = '/v1/shelves/1/books/1';
export const MISSING_PATH = '/v1/shelves/1/books/none';
export const SHELF = 'clients';
const BOOKS_PATH = `/v1/shelves/${SHELF}/books`;
const WATCH_PATH = `/v1/shelves/${SHELF}:watch`;
const CHAT_PATH = '/v1/shelves/1:chat';
const REPEATS = 10;
/** Larger than the windows of 64 KB that HTTP/2 begins with; each word differs, so that nothing lost or moved goes unseen. */
const LARGE_TEXT = Array.from({ length: 15_000 }, (_, i) => `w${i}`.padStart(9, '.')).join(' ');

interface Subject {
  readonly world: World;
  readonly way: Way;
  readonly speaker: Speaker;
}

export const RUN: Readonly<Record<Check, (subject: Subject) => Promise<void>>> = {
  async GET({ world, way, speaker }) {
    const answer = await speaker.ask({ path: BOOK_PATH });
    expectAnswer(answer, way, 200);
    expectBody(answer, world.book);
  },
  async POST({ world, way, speaker }) {
    const title = world.title();
    const answer = await speaker.ask({ path: BOOKS_PATH, body: JSON.stringify({ title }) });
    expectBook(answer, way, title);
  },
  'large POST': async ({ way, speaker }) => {
    const body = JSON.stringify({ text: LARGE_TEXT });
    expectTalk(await speaker.ask({ path: CHAT_PATH, body }), way);
  },
  'no length': async ({ way, speaker }) => {
    const body = JSON.stringify({ text: LARGE_TEXT });
    expectTalk(await speaker.ask({ path: CHAT_PATH, body, noLength: true }), way);
  },
  async '404'({ world, way, speaker }) {
    const answer = await speaker.ask({ path: MISSING_PATH });
    expectAnswer(answer, way, 404);
    expectBody(answer, world.missing);
  },
  /** The second event happens only after the first has been read: nothing may hold it back until the end. */
  async stream({ world, way, speaker }) {
    const lines = await speaker.open(`${WATCH_PATH}?maxEvents=2`);
    ok('opened' in parse(await lines.next()), 'the first event is the shelf');
    const title = world.title();
    const body = JSON.stringify({ title });
    expectBook(await speaker.ask({ path: BOOKS_PATH, body }), way, title);
    const { created } = parse(await lines.next());
    equal((created as { title: string }).title, title);
    equal(await lines.next(), null, 'nothing comes behind the last event');
  },
  /** A client of its own: the others may have opened more connections before. */
  async 'one connection'({ world, way }) {
    const speaker = await way.open(world.target);
    try {
      const answers = await speaker.repeat(BOOK_PATH, REPEATS);
      equal(answers.length, REPEATS);
      for (const answer of answers) {
        expectAnswer(answer, way, 200);
        expectBody(answer, world.book);
      }
      const connections = new Set(answers.map(({ connection }) => connection));
      equal(connections.size, 1, `connections: ${[...connections].join(', ')}`);
    } finally {
      await speaker.close();
    }
  },
  async '100-continue'({ world, way, speaker }) {
    const title = world.title();
    const body = JSON.stringify({ title });
    const answer = await speaker.ask({ path: BOOKS_PATH, body, expect: true });
    expectBook(answer, way, title);
    ok(answer.continued, 'no 100 (Continue) came');
  },
  /** The gateway ends the call, and goes on serving the client. */
  async cancel({ world, way, speaker }) {
    const { adminPort } = world;
    deepEqual(await callsIn(adminPort), { atGateway: 0, atService: 0 });
    const lines = await speaker.open(WATCH_PATH);
    if (way.lacks.stream === undefined) await lines.next();
    await until('the call has reached the service', async () => {
      const calls = await callsIn(adminPort);
      return calls.atGateway === 1 && calls.atService === 1;
    });
    await lines.cancel();
    await until('the cancelled call has ended', async () => {
      const calls = await callsIn(adminPort);
      return calls.atGateway === 0 && calls.atService === 0;
    });
    const answer = await speaker.ask({ path: BOOK_PATH });
    expectAnswer(answer, way, 200);
    expectBody(answer, world.book);
  },
};

function expectAnswer({ status, protocol, body }: Answer, way: Way, expected: number): void {
  equal(status, expected, `status ${status}: ${body?.slice(0, 300)}`);
  equal(protocol, way.protocol);
}

function expectBody({ body, bytes }: Answer, expected: string): void {
  equal(bytes, Buffer.byteLength(expected));
  if (body !== null) equal(body, expected);
}

function expectBook(answer: Answer, way: Way, title: string): void {
  expectAnswer(answer, way, 200);
  ok(answer.bytes > title.length);
  if (answer.body === null) return;
  const book = parse(answer.body);
  equal(book['title'], title);
  ok(String(book['name']).startsWith(`shelves/${SHELF}/books/`));
}

/** The librarian repeats what it does not understand. */
function expectTalk(answer: Answer, way: Way): void {
  expectAnswer(answer, way, 200);
  ok(answer.bytes > LARGE_TEXT.length, `${answer.bytes} bytes`);
  if (answer.body === null) return;
  equal(parse(answer.body)['text'], `I don't know a book of "${LARGE_TEXT}" here.`);
}

function parse(text: string | null): Record<string, unknown> {
  ok(text !== null, 'the answer has ended');
  return JSON.parse(text) as Record<string, unknown>;
}
