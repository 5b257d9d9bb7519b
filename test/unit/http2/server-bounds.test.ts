/** What a client may take of us: each bound ends one stream or the connection, and says its name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LimitName } from '../../../src/call/server.ts';
import { KeepingSink } from '../../contract/exchange/host.ts';
import { rawFrame, SETTINGS } from '../../support/http2-frames.ts';
import {
  codeOf,
  openRawClient,
  PREFACE,
  requestBlock,
  Type,
} from '../../support/http2-raw-client.ts';
import { startBounded } from '../../support/http2-bounded.ts';

const PROTOCOL_ERROR = 1;
const REFUSED_STREAM = 7;
const CANCEL = 8;
const COMPRESSION_ERROR = 9;
const ENHANCE_YOUR_CALM = 11;
const END_HEADERS = 4;
const REQUEST = requestBlock();

const head = (id: number, ends = true): Buffer =>
  rawFrame(Type.headers, ends ? 5 : END_HEADERS, id, REQUEST);
const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));
const idOf = (index: number): number => 2 * index + 1;
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

interface Flood {
  readonly name: string;
  readonly limit: LimitName;
  readonly code?: number;
  readonly bytes: Buffer;
}

const FLOODS: readonly Flood[] = [
  {
    name: 'rapid reset (CVE-2023-44487)',
    limit: 'resets',
    bytes: times(200, (i) =>
      Buffer.concat([head(idOf(i), false), rawFrame(Type.reset, 0, idOf(i), uint32(CANCEL))]),
    ),
  },
  {
    name: 'resets that we are made to send (CVE-2025-8671)',
    limit: 'resets',
    bytes: times(200, (i) =>
      Buffer.concat([head(idOf(i), false), rawFrame(Type.windowUpdate, 0, idOf(i), uint32(0))]),
    ),
  },
  {
    name: 'requests that are none',
    limit: 'resets',
    bytes: times(200, (i) => rawFrame(Type.headers, 5, idOf(i), Buffer.from('82', 'hex'))),
  },
  {
    name: 'CONTINUATION without an end',
    limit: 'header_block',
    bytes: Buffer.concat([
      rawFrame(Type.headers, 0, 1, REQUEST),
      times(100, () => rawFrame(Type.continuation, 0, 1, Buffer.from('82', 'hex'))),
    ]),
  },
  {
    name: 'a compressed block beyond its bound',
    limit: 'header_block',
    bytes: Buffer.concat([
      rawFrame(Type.headers, 0, 1, REQUEST),
      times(5, () => rawFrame(Type.continuation, 0, 1, Buffer.alloc(16_384, 0x82))),
    ]),
  },
  {
    name: 'a table beyond its bound',
    limit: 'header_table',
    code: COMPRESSION_ERROR,
    bytes: rawFrame(Type.headers, 5, 1, Buffer.from('3fe2ff03', 'hex')),
  },
  { name: 'SETTINGS', limit: 'control_frames', bytes: times(1_000, () => SETTINGS) },
  {
    name: 'PING',
    limit: 'control_frames',
    bytes: times(1_000, () => rawFrame(Type.ping, 0, 0, Buffer.alloc(8))),
  },
  {
    name: 'PRIORITY',
    limit: 'control_frames',
    bytes: times(1_000, () => rawFrame(Type.priority, 0, 1, Buffer.alloc(5))),
  },
  {
    name: 'empty DATA',
    limit: 'control_frames',
    bytes: Buffer.concat([head(1, false), times(1_000, () => rawFrame(Type.data, 0, 1))]),
  },
  {
    name: 'unknown frames',
    limit: 'control_frames',
    bytes: times(1_000, () => rawFrame(99, 0, 0)),
  },
  {
    name: 'resets of streams that are over',
    limit: 'control_frames',
    bytes: Buffer.concat([
      head(1, false),
      times(1_000, () => rawFrame(Type.reset, 0, 1, uint32(CANCEL))),
    ]),
  },
];

describe('floods', () => {
  for (const { name, limit, code = ENHANCE_YOUR_CALM, bytes } of FLOODS) {
    test(`${name} ends the connection by the bound ${limit}`, async (t) => {
      const server = await startBounded(t);
      const client = openRawClient(t, server.port);
      client.write(bytes);
      const goaway = await client.until(({ type }) => type === Type.goaway);
      assert.equal(codeOf(goaway, 4), code);
      assert.deepEqual(server.stopped, [limit]);
      assert.ok(server.live.size <= 1, `${server.live.size} exchanges are left`);
    });
  }

  test('windows that are opened by single bytes', async (t) => {
    const server = await startBounded(t, (exchange) =>
      exchange.answer(200, [], Buffer.alloc(100_000)),
    );
    const client = openRawClient(t, server.port, true);
    const none = rawFrame(Type.settings, 0, 0, '000400000000');
    client.write(PREFACE, none, head(1));
    await client.roundTrip();
    client.write(times(1_000, () => rawFrame(Type.windowUpdate, 0, 1, uint32(1))));
    const goaway = await client.until(({ type }) => type === Type.goaway);
    assert.equal(codeOf(goaway, 4), ENHANCE_YOUR_CALM);
    assert.deepEqual(server.stopped, ['control_frames']);
  });

  test('the rate is one of each second: a patient client is served', async (t) => {
    const server = await startBounded(t, (exchange) => exchange.reset());
    const client = openRawClient(t, server.port);
    for (let second = 0; second < 5; second++) {
      client.write(times(400, () => rawFrame(Type.priority, 0, 1, Buffer.alloc(5))));
      await client.roundTrip();
      server.clock.advance(1_000);
    }
    assert.deepEqual(server.stopped, []);
  });
});

describe('single requests', () => {
  test('a stream above the number at a time is refused, the others go on', async (t) => {
    const server = await startBounded(t, () => {}, { streams: 2 });
    const client = openRawClient(t, server.port);
    client.write(head(1), head(3), head(5));
    const reset = await client.until(({ type }) => type === Type.reset);
    assert.deepEqual([reset.id, codeOf(reset)], [5, REFUSED_STREAM]);
    await client.roundTrip();
    assert.deepEqual([server.stopped, server.live.size], [['streams'], 2]);
  });

  for (const [name, limit, ...more] of [
    [
      'headers beyond their bytes',
      'header_bytes',
      ['x', 'y'.repeat(16_000)],
      ['z', 'a'.repeat(400)],
    ],
    ['too many headers', 'headers', ...Array.from({ length: 120 }, () => ['x', 'y'] as const)],
  ] as const) {
    test(`${name} are answered, and the connection goes on`, async (t) => {
      const server = await startBounded(t);
      const client = openRawClient(t, server.port);
      const block = requestBlock(...more);
      client.write(
        rawFrame(Type.headers, 1, 1, block.subarray(0, 10_000)),
        rawFrame(Type.continuation, END_HEADERS, 1, block.subarray(10_000)),
      );
      const data = await client.until(({ type }) => type === Type.data);
      assert.equal(data.payload.toString(), 'PG_HEADERS_TOO_LARGE');
      assert.deepEqual(server.stopped, [limit]);
      await client.roundTrip();
      assert.equal(server.live.size, 0);
    });
  }

  test('a bomb of references is counted, not unpacked, and answered', async (t) => {
    const server = await startBounded(t, () => {}, { headerBlockBytes: 65_536 });
    const client = openRawClient(t, server.port);
    // One entry of 3,900 bytes in the table, then 10,000 references to it: 39 MB.
    const entry = Buffer.concat([
      Buffer.from('400161', 'hex'),
      Buffer.from('7fbd1d', 'hex'),
      Buffer.alloc(3_900, 'x'),
    ]);
    const block = Buffer.concat([REQUEST, entry, Buffer.alloc(10_000, 0xbe)]);
    client.write(rawFrame(Type.headers, 5, 1, block));
    const data = await client.until(({ type }) => type === Type.data);
    assert.equal(data.payload.toString(), 'PG_HEADERS_TOO_LARGE');
    assert.deepEqual(server.stopped, ['header_bytes']);
  });

  test('a target beyond its length is answered', async (t) => {
    const server = await startBounded(t, () => {}, { targetBytes: 10 });
    const client = openRawClient(t, server.port);
    const block = Buffer.concat([
      Buffer.from('8286', 'hex'),
      Buffer.from('040c', 'hex'),
      Buffer.from('/12345678901'),
      Buffer.from('410161', 'hex'),
    ]);
    client.write(rawFrame(Type.headers, 5, 1, block));
    const data = await client.until(({ type }) => type === Type.data);
    assert.equal(data.payload.toString(), 'PG_TARGET_TOO_LONG');
    assert.deepEqual(server.stopped, ['target']);
  });

  test('further requests are refused while much of the answers is not read', async (t) => {
    const server = await startBounded(t, (exchange) =>
      exchange.answer(200, [], Buffer.alloc(5 << 20)),
    );
    const client = openRawClient(t, server.port, true);
    client.write(PREFACE, rawFrame(Type.settings, 0, 0, '000400000000'));
    client.write(head(1), head(3), head(5));
    const reset = await client.until(({ type }) => type === Type.reset);
    assert.deepEqual([reset.id, codeOf(reset)], [5, REFUSED_STREAM]);
    assert.deepEqual(server.stopped, ['streams']);
  });
});

describe('malformed', () => {
  test('content-length that is not what comes', async (t) => {
    const sink = new KeepingSink();
    const server = await startBounded(t, (exchange) => exchange.body.pump(sink));
    const client = openRawClient(t, server.port);
    const block = requestBlock(['content-length', '2']);
    client.write(rawFrame(Type.headers, END_HEADERS, 1, block));
    client.write(rawFrame(Type.data, 1, 1, '000000'));
    const reset = await client.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(reset), PROTOCOL_ERROR);
    await sink.settled;
    assert.deepEqual([sink.ends, sink.failures[0]?.pg], [0, 'PG_BODY_INCOMPLETE']);
    assert.equal(server.gone, 1);
  });
});
