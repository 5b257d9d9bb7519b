/**
 * Requests of HTTP/2 with what would be a line, a header or a request of its own on HTTP/1.1. Each is sent plain, then again with the same bytes
 * (whose reading is remembered), then in parts; none reaches a handler, and the connection goes on.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Exchange } from '../../src/call/types.ts';
import { createMount } from '../../src/listen/mount.ts';
import { KeepingSink } from '../contract/exchange/host.ts';
import { rawFrame } from '../support/http2-frames.ts';
import {
  codeOf,
  literalBlock,
  openRawClient,
  type RawClient,
  type Scope,
  Type,
} from '../support/http2-raw-client.ts';
import { startHttp2Server } from '../support/http2-server.ts';
import { ManualClock } from '../support/manual-clock.ts';

interface Case {
  readonly name: string;
  /** The section of the RFC that the refusal follows. */
  readonly section: string;
  /** All of them, pseudo-headers included; of the trailers alone in that file. Latin-1. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

interface Target {
  readonly port: number;
  close(): void | Promise<void>;
}

const GOOD = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/good'],
  [':authority', 'a.test'],
] as const;
const UPLOAD = literalBlock([':method', 'POST'], ...GOOD.slice(1));
const PROTOCOL_ERROR = 1;
const END_STREAM = 1;
const END_HEADERS = 4;

const [names, values, pseudoHeaders, trailers] = [
  'names',
  'values',
  'pseudo-headers',
  'trailers',
].map((file) => {
  const url = new URL(`h2-${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Case[];
}) as [Case[], Case[], Case[], Case[]];

test('the corpus has 150 cases, each with a name of its own and the section of an RFC', () => {
  const all = [names, values, pseudoHeaders, trailers];
  for (const cases of all) {
    assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
    for (const { name, section } of cases) {
      assert.match(section, /^RFC (9113|8441) section \d+(\.\d+)*$/, name);
    }
  }
  assert.ok(all.flat().length >= 150, `${all.flat().length} cases`);
});

describe('our own HTTP/2 refuses', () => {
  const served: string[] = [];
  let target: Target;
  before(async () => (target = await startHttp2Server((exchange) => serve(exchange, served))));
  after(() => target.close());
  for (const one of [...names, ...values, ...pseudoHeaders]) {
    test(`${one.name} (${one.section})`, async (t) => {
      served.length = 0;
      const client = await sendHead(t, target.port, one);
      assert.deepEqual(served, ['/good']);
      for (const id of [1, 3, 5]) assertReset(client, id);
    });
  }
  for (const one of trailers) {
    test(`${one.name} (${one.section})`, async (t) => {
      served.length = 0;
      const client = await sendTrailers(t, target.port, one);
      assert.deepEqual(served, ['/good broken', '/good']);
      assertReset(client, 1);
    });
  }
});

/** Where a field is none, nghttp2 goes on without it; all that counts is that nobody sees it. */
describe('behind node:http2 a mounted gateway never sees', () => {
  const served: string[] = [];
  let target: Target;
  before(async () => (target = await openMounted((exchange) => serve(exchange, served))));
  after(() => target.close());
  for (const one of [...names, ...values]) {
    test(`${one.name} (${one.section})`, async (t) => {
      served.length = 0;
      await sendHead(t, target.port, one);
      assert.equal(served.at(-1), '/good');
      assert.deepEqual(
        served.filter((path) => path !== '/bad'),
        ['/good'],
      );
    });
  }
  for (const one of pseudoHeaders) {
    test(`${one.name} (${one.section})`, async (t) => {
      served.length = 0;
      await sendHead(t, target.port, one);
      assert.deepEqual(served, ['/good']);
    });
  }
  for (const one of trailers) {
    test(`${one.name} (${one.section})`, async (t) => {
      served.length = 0;
      await sendTrailers(t, target.port, one);
      assert.match(served.join(), /^\/good( broken)?,\/good$/);
    });
  }
});

/** Tells the path, and whatever fields and trailers there are. */
function serve(exchange: Exchange, served: string[]): void {
  const { head } = exchange;
  const fields: string[] = [];
  head.eachHeader((name, value) => fields.push(name, value));
  const sink = new KeepingSink();
  exchange.body.pump(sink);
  void sink.settled.then(() => {
    fields.push(...(sink.trailers ?? []));
    const seen = fields.length > 0 ? ` with ${JSON.stringify(fields)}` : '';
    served.push(`${head.path}${sink.failures.length > 0 ? ' broken' : ''}${seen}`);
    exchange.answer(200, [], Buffer.from('x'));
  });
}

/** Resolves when a good request behind has been answered. */
async function sendHead(t: Scope, port: number, { fields }: Case): Promise<RawClient> {
  const client = openRawClient(t, port);
  const block = literalBlock(...fields);
  const half = block.length >> 1;
  client.write(rawFrame(Type.headers, END_STREAM | END_HEADERS, 1, block));
  client.write(rawFrame(Type.headers, END_STREAM | END_HEADERS, 3, block));
  client.write(
    rawFrame(Type.headers, END_STREAM, 5, block.subarray(0, half)),
    rawFrame(Type.continuation, END_HEADERS, 5, block.subarray(half)),
  );
  client.write(rawFrame(Type.headers, END_STREAM | END_HEADERS, 7, literalBlock(...GOOD)));
  await client.until(({ type, id }) => type === Type.headers && id === 7);
  await client.roundTrip();
  return client;
}

async function sendTrailers(t: Scope, port: number, { fields }: Case): Promise<RawClient> {
  const client = openRawClient(t, port);
  client.write(rawFrame(Type.headers, END_HEADERS, 1, UPLOAD), rawFrame(Type.data, 0, 1, '00'));
  await client.roundTrip();
  client.write(rawFrame(Type.headers, END_STREAM | END_HEADERS, 1, literalBlock(...fields)));
  await client.until(({ type, id }) => id === 1 && (type === Type.reset || type === Type.headers));
  client.write(rawFrame(Type.headers, END_STREAM | END_HEADERS, 3, literalBlock(...GOOD)));
  await client.until(({ type, id }) => type === Type.headers && id === 3);
  return client;
}

function assertReset({ frames }: RawClient, id: number): void {
  const [about, ...more] = frames.filter(
    (frame) => frame.id === id && frame.type !== Type.windowUpdate,
  );
  assert.equal(about?.type, Type.reset);
  assert.equal(codeOf(about), PROTOCOL_ERROR);
  assert.deepEqual(more, []);
}

async function openMounted(serveOne: (exchange: Exchange) => void): Promise<Target> {
  const mount = createMount({ clock: new ManualClock(), serve: serveOne });
  const server = createServer({ settings: { enableConnectProtocol: true } }, mount.request);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const session of sessions) session.destroy();
    },
  };
}
