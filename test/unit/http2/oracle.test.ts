/** Our client against node:http2: header lists of any shape, bodies of any size, more calls than streams. */
import assert from 'node:assert/strict';
import { createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { clientTo } from '../../support/http2-client.ts';

const NOTHING = new Uint8Array();

test('headers of any values, both ways, with the dynamic table of the peer', async (t) => {
  const port = await startServer(t, createServer(), (stream, headers) => {
    const echoed = Object.entries(headers).filter(([name]) => name.startsWith('x-'));
    stream.respond({ ':status': 200, ...Object.fromEntries(echoed) }, { endStream: true });
  });
  const client = clientTo(t, port);
  const value = fc.stringMatching(/^(?:[!-~](?:[ -~]{0,60}[!-~])?)?$/);
  const name = fc.stringMatching(/^x-[a-z0-9_.-]{1,12}$/);
  const headers = fc.uniqueArray(fc.tuple(name, value), { maxLength: 12, selector: ([n]) => n });
  await fc.assert(
    fc.asyncProperty(headers, async (list) => {
      const { ended, heads } = client.request(list.flat());
      assert.equal(await ended, undefined);
      const [head = []] = heads;
      const got: string[][] = [];
      for (let i = 0; i < head.length; i += 2) {
        if (head[i]?.startsWith('x-') === true) got.push(head.slice(i, i + 2));
      }
      assert.deepEqual(got.toSorted(byName), list.toSorted(byName));
    }),
    { seed: 7, numRuns: 200 },
  );
});

test('bodies of any size, both ways, in any windows', async (t) => {
  for (const initialWindowSize of [1, 1_000, 65_535, 1 << 20]) {
    const server = createServer({ settings: { initialWindowSize } });
    const port = await startServer(t, server, (stream) => {
      stream.respond({ ':status': 200 });
      stream.pipe(stream);
    });
    const client = clientTo(t, port);
    for (const size of [0, 1, 4_096, 16_384, 65_536, initialWindowSize === 1 ? 200 : 3_000_000]) {
      const sent = Buffer.alloc(size, 'polygate');
      const { ended, body, stream } = client.request([], true);
      stream.write(NOTHING, sent, true);
      assert.equal(await ended, undefined);
      assert.equal(Buffer.concat(body).equals(sent), true, `${size} in ${initialWindowSize}`);
    }
  }
});

test('more calls than a connection has streams open further ones', async (t) => {
  const server = createServer({ settings: { maxConcurrentStreams: 10 } });
  let connections = 0;
  let open = 0;
  server.on('session', () => connections++);
  const held: ServerHttp2Stream[] = [];
  const all = Promise.withResolvers<void>();
  const port = await startServer(t, server, (stream) => {
    held.push(stream);
    if (++open === 35) all.resolve();
  });
  const client = clientTo(t, port);
  const calls = Array.from({ length: 35 }, () => client.request());
  await all.promise;
  for (const stream of held) stream.respond({ ':status': 200 }, { endStream: true });
  for (const { ended } of calls) assert.equal(await ended, undefined);
  assert.equal(connections, 4);
});

function byName([a = '']: readonly string[], [b = '']: readonly string[]): number {
  return a < b ? -1 : 1;
}

async function startServer(
  t: TestContext,
  server: Http2Server,
  serve: (stream: ServerHttp2Stream, headers: Record<string, unknown>) => void,
): Promise<number> {
  server.on('session', (session) => t.after(() => session.destroy()));
  server.on('stream', serve);
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
