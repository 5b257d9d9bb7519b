/** What a client of HTTP/2 is told where it goes beyond a bound; of REST where it asks at all. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { FaultGateway } from '../../support/fault-gateway.ts';
import { rawFrame, SETTINGS } from '../../support/http2-frames.ts';
import {
  codeOf,
  literalBlock,
  openRawClient,
  PREFACE,
  type RawClient,
  Type,
} from '../../support/http2-raw-client.ts';
import { rawGrpcClient } from '../../support/raw-grpc-client.ts';
import { BOUND, type BoundCase, boundPasses, type Cases, holdCalls } from './bound.ts';

const NO_ERROR = 0;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const COMPRESSION_ERROR = 9;
const ENHANCE_YOUR_CALM = 11;
const END_STREAM_END_HEADERS = 5;
const METHOD = '/fault.v1.Fault/Get';
const JSON_TYPE = { 'content-type': 'application/json' };

const block = literalBlock(
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/v1/items/good'],
  [':authority', 'a.test'],
);
const head = (id: number): Buffer => rawFrame(Type.headers, END_STREAM_END_HEADERS, id, block);
const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

async function goawayOf(client: RawClient): Promise<number> {
  return codeOf(await client.until(({ type }) => type === Type.goaway), 4);
}

/** Frames that end the connection. */
function ended(settings: BoundCase['settings'], code: number, ...frames: Buffer[]): BoundCase {
  return {
    settings,
    run: async (t, { gateway }) => {
      const client = openRawClient(t, gateway.port);
      client.write(...frames);
      assert.equal(await goawayOf(client), code);
      client.socket.end();
      await client.closed;
    },
  };
}

/** A request of REST that is refused by itself; its connection goes on. */
function refused(
  settings: BoundCase['settings'],
  { path = METHOD, body = '{}', ...headers }: Readonly<Record<string, string>>,
  ...[status, pg]: readonly [status: number, pg: string]
): BoundCase {
  return {
    settings,
    run: async (t, harness) => {
      const client = rawGrpcClient(t, harness.gateway.port);
      const answer = await client.send(path, Buffer.from(body), { ...JSON_TYPE, ...headers });
      assert.equal(answer.httpStatus, status);
      assert.match(answer.body.toString(), new RegExp(pg));
      const next = await client.send(METHOD, Buffer.from('{}'), JSON_TYPE);
      assert.equal(next.httpStatus, 200);
    },
  };
}

async function bodyStandsStill(t: TestContext, harness: FaultGateway): Promise<void> {
  const client = rawGrpcClient(t, harness.gateway.port);
  const rest = client.open(METHOD, JSON_TYPE);
  rest.stream.write('{');
  await boundPasses(harness);
  const answer = await rest.answer;
  assert.equal(answer.httpStatus, 408);
  assert.match(answer.body.toString(), /PG_BODY_TIMEOUT/);
}

async function answerIsNotRead(t: TestContext, harness: FaultGateway): Promise<void> {
  const client = openRawClient(t, harness.gateway.port, true);
  client.write(PREFACE, rawFrame(Type.settings, 0, 0, '000400000000'), head(1));
  await client.until(({ type, id }) => type === Type.headers && id === 1);
  await boundPasses(harness);
  const reset = await client.until(({ type }) => type === Type.reset);
  assert.deepEqual([reset.id, codeOf(reset)], [1, CANCEL]);
  await client.roundTrip();
}

export const HTTP2_CASES: Cases = {
  calls: {
    settings: { listen: { limits: { calls: 1 } } },
    run: async (t, harness) => {
      const { held, release } = holdCalls(harness);
      const client = rawGrpcClient(t, harness.gateway.port);
      const running = client.send(METHOD, Buffer.from('{}'), JSON_TYPE);
      await held;
      const more = await client.send(METHOD, Buffer.from('{}'), JSON_TYPE);
      assert.deepEqual([more.httpStatus, more.headers['retry-after']], [503, '1']);
      release();
      assert.equal((await running).httpStatus, 200);
    },
  },
  head: {
    settings: { listen: { limits: { head: BOUND } } },
    run: async (t, harness) => {
      const client = openRawClient(t, harness.gateway.port);
      await client.roundTrip();
      client.write(head(1).subarray(0, 20));
      await boundPasses(harness);
      assert.equal(await goawayOf(client), ENHANCE_YOUR_CALM);
    },
  },
  body: { settings: { listen: { limits: { body: BOUND } } }, run: bodyStandsStill },
  idle: {
    settings: { listen: { limits: { idle: BOUND } } },
    run: async (t, harness) => {
      const client = openRawClient(t, harness.gateway.port);
      await client.roundTrip();
      await boundPasses(harness);
      assert.equal(await goawayOf(client), NO_ERROR);
    },
  },
  write: { settings: { listen: { limits: { write: BOUND } } }, run: answerIsNotRead },
  header_bytes: refused(
    { limits: { headers: '1kb' } },
    { x: 'a'.repeat(1_100) },
    431,
    'PG_HEADERS_TOO_LARGE',
  ),
  headers: refused(
    { listen: { limits: { headerCount: 7 } } },
    { a: '1', b: '2', c: '3', d: '4', e: '5', f: '6' },
    431,
    'PG_HEADERS_TOO_LARGE',
  ),
  target: refused(
    { listen: { limits: { target: '32b' } } },
    { path: `/${'a'.repeat(32)}` },
    414,
    'PG_TARGET_TOO_LONG',
  ),
  body_bytes: refused(
    { limits: { body: '1kb' } },
    { body: ' '.repeat(1_025) },
    413,
    'PG_BODY_TOO_LARGE',
  ),
  streams: {
    settings: { listen: { limits: { streams: 2 } } },
    run: async (t, harness) => {
      const { held, release } = holdCalls(harness);
      const client = openRawClient(t, harness.gateway.port);
      client.write(head(1), head(3), head(5));
      const reset = await client.until(({ type }) => type === Type.reset);
      assert.deepEqual([reset.id, codeOf(reset)], [5, REFUSED_STREAM]);
      await held;
      release();
      await client.until(({ type, id }) => type === Type.data && id === 1);
    },
  },
  resets: ended(
    { listen: { limits: { resets: 20 } } },
    ENHANCE_YOUR_CALM,
    times(30, (i) =>
      Buffer.concat([head(2 * i + 1), rawFrame(Type.reset, 0, 2 * i + 1, uint32(CANCEL))]),
    ),
  ),
  control_frames: ended(
    { listen: { limits: { controlFrames: 20 } } },
    ENHANCE_YOUR_CALM,
    times(30, () => SETTINGS),
  ),
  header_block: ended(
    { listen: { limits: { headerBlock: '1kb' } } },
    ENHANCE_YOUR_CALM,
    rawFrame(Type.headers, 0, 1, block),
    rawFrame(Type.continuation, 0, 1, Buffer.alloc(1_024, 0x82)),
  ),
  // RFC 7541 section 6.3: an update to 2,048 bytes.
  header_table: ended(
    { listen: { limits: { headerTable: '1kb' } } },
    COMPRESSION_ERROR,
    rawFrame(Type.settings, 1, 0),
    rawFrame(Type.headers, END_STREAM_END_HEADERS, 1, Buffer.from('3fe10f', 'hex')),
  ),
};
