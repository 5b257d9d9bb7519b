/**
 * What a proxy in front of the gateway and the gateway could read differently. Every case of the data files is sent alone, behind a good
 * request on the same connection (whose header section is remembered), and in parts; a request stands behind each of them in the same bytes.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, test, type TestContext } from 'node:test';
import { type GatewayError, ownHttpStatus } from '../../src/call/error.ts';
import type { PlainAnswer } from '../../src/call/server.ts';
import type { Exchange } from '../../src/call/types.ts';
import { listen } from '../../src/listen/listener.ts';
import { KeepingSink, turns } from '../contract/exchange/host.ts';
import { listenerOptions } from '../support/listener-options.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { openConnection, type RawConnection } from '../support/raw-connection.ts';

interface Case {
  readonly name: string;
  /** The section of the RFC that the expectation follows. */
  readonly section: string;
  /** Bytes as Latin-1. */
  readonly request: string;
  /** The status of a refusal, or one of some where more than one rule is broken; `broken` refuses in the body, behind the head; else it is legal. */
  readonly expect: number | readonly number[] | 'broken' | { readonly body: string };
}

interface Target {
  readonly port: number;
  /** What has reached a handler, and how its body ended. */
  readonly served: string[];
}

interface Sending {
  /** A request before it on the same connection. */
  readonly first?: string;
  /** Where parts end. */
  readonly cuts?: readonly number[];
}

const FILES = ['lengths', 'codings', 'fields', 'request-lines', 'hosts', 'chunks', 'legal'];
const GOOD = 'GET /good HTTP/1.1\r\nhost: a\r\n\r\n';
const BEHIND = 'GET /behind HTTP/1.1\r\nhost: a\r\n\r\n';

const corpus = FILES.map((file) => ({
  file,
  cases: JSON.parse(readFileSync(new URL(`${file}.json`, import.meta.url), 'utf8')) as Case[],
}));

test('the corpus has 200 cases, each with a name of its own and the section of an RFC', () => {
  let count = 0;
  for (const { file, cases } of corpus) {
    count += cases.length;
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length, file);
    for (const { name, section } of cases) {
      assert.match(section, /^RFC (9112|9110|3986) section \d+(\.\d+)*$/, `${file}: ${name}`);
    }
  }
  assert.ok(count >= 200, `${count} cases`);
});

for (const { file, cases } of corpus) {
  describe(`requests: ${file}`, () => {
    let target: Target;
    const closing: (() => Promise<void>)[] = [];
    before(async () => {
      target = await start(closing);
    });
    for (const one of cases) {
      test(`${one.name} (${one.section})`, async (t) => {
        await check(t, target, one);
        await check(t, target, one, { first: GOOD });
        const { length } = one.request;
        for (const at of [1, length >> 1, length - 2, length - 1]) {
          await check(t, target, one, { cuts: [at] });
        }
        await check(t, target, one, {
          first: GOOD,
          cuts: [GOOD.length, GOOD.length + (length >> 1)],
        });
      });
    }
    test('the server ends', async () => {
      for (const close of closing) await close();
    });
  });
}

async function start(closing: (() => Promise<void>)[]): Promise<Target> {
  const served: string[] = [];
  // Refusals have the status of their error.
  const refuse = ({ pg }: GatewayError): PlainAnswer => ({
    status: ownHttpStatus(pg) ?? 400,
    headers: [],
    body: Buffer.from(pg),
  });
  const listener = await listen(
    listenerOptions((exchange) => serve(exchange, served), new ManualClock(), { refuse }),
  );
  closing.push(async () => {
    const drained = listener.drain();
    listener.cut();
    await drained;
  });
  return { port: listener.port, served };
}

function serve(exchange: Exchange, served: string[]): void {
  const sink = new KeepingSink();
  const { path } = exchange.head;
  exchange.body.pump(sink);
  void sink.settled.then(() => {
    const failed = sink.failures.length > 0;
    served.push(failed ? `${path} broken` : path);
    exchange.answer(failed ? 400 : 200, [], Buffer.from(sink.text, 'latin1'));
  });
}

/** Sends the case behind `first`, in parts that end at `cuts`. */
async function check(
  t: TestContext,
  { port, served }: Target,
  { request, expect }: Case,
  { first = '', cuts = [] }: Sending = {},
): Promise<void> {
  served.length = 0;
  const connection = openConnection(t, port);
  const bytes = Buffer.from(`${first}${request}${BEHIND}`, 'latin1');
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    void connection.write(bytes.subarray(from, to));
    from = to;
    if (to < bytes.length) await turns(3);
  }
  const before = first === '' ? [] : ['/good'];
  if (first !== '') assert.equal((await connection.answer()).status, 200);
  if (typeof expect === 'object' && 'body' in expect) await accepted(connection, expect.body);
  else await refused(connection, expect);
  const paths = served.slice(before.length);
  assert.deepEqual(served.slice(0, before.length), before);
  if (expect === 'broken') assert.match(paths.join(), /^\/ broken$/);
  else if (typeof expect === 'object' && 'body' in expect)
    assert.deepEqual(paths.slice(1), ['/behind']);
  else assert.deepEqual(paths, []);
  connection.socket.destroy();
}

async function accepted(connection: RawConnection, body: string): Promise<void> {
  const answer = await connection.answer();
  assert.deepEqual([answer.status, answer.body], [200, body]);
  assert.equal((await connection.answer()).status, 200);
}

/** One answer, which says that the connection ends, and the end. */
async function refused(
  connection: RawConnection,
  expect: number | readonly number[] | 'broken',
): Promise<void> {
  const { status, headers } = await connection.answer();
  const allowed = expect === 'broken' ? [400] : [expect].flat();
  assert.ok(allowed.includes(status), `answered ${status}`);
  assert.ok(
    headers.some(([name, value]) => name === 'connection' && value === 'close'),
    'close',
  );
  await connection.closed;
  assert.equal(connection.received, '');
}
