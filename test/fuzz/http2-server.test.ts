/** Requests with random bytes changed, cut or doubled, in chunks cut anywhere: every exchange ends, once, and the next client is served. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { connect as connectHttp2 } from 'node:http2';
import fc from 'fast-check';
import { KeepingSink } from '../contract/exchange/host.ts';
import { rawFrame, SETTINGS } from '../support/http2-frames.ts';
import { PREFACE, requestBlock } from '../support/http2-raw-client.ts';
import { startHttp2Server } from '../support/http2-server.ts';

const block = requestBlock(['content-length', '8'], ['x', 'y']);
const WIRE = Buffer.concat([
  PREFACE,
  SETTINGS,
  rawFrame(4, 0, 0, '000300000064000400010000'),
  rawFrame(1, 0, 1, block.subarray(0, 9)),
  rawFrame(9, 4, 1, block.subarray(9)),
  rawFrame(8, 0, 0, '00001000'),
  rawFrame(0, 0, 1, '0000000003616263'),
  rawFrame(1, 5, 3, requestBlock()),
  rawFrame(0, 9, 1, '020000'),
  rawFrame(6, 0, 0, '0102030405060708'),
  rawFrame(1, 0x25, 5, Buffer.concat([Buffer.from('0000000010', 'hex'), requestBlock()])),
  rawFrame(3, 0, 5, '00000008'),
]);

const edit = fc.record({
  at: fc.nat(WIRE.length - 1),
  byte: fc.nat(255),
  how: fc.constantFrom('set', 'cut', 'double'),
});

test('requests with up to three edits', async (t) => {
  let begun = 0;
  let done = 0;
  let settled = 0;
  const server = await startHttp2Server((exchange) => {
    begun++;
    let gone = 0;
    exchange.onGone = () => assert.equal(++gone, 1);
    exchange.onDone = () => done++;
    const sink = new KeepingSink();
    void sink.settled.then(() => {
      settled++;
      assert.equal(sink.ends + sink.failures.length, 1);
      exchange.answer(200, [], Buffer.from(sink.text));
    });
    exchange.body.pump(sink);
  });
  t.after(() => server.close());
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { maxLength: 3 }), fc.nat(400), async (edits, chunk) => {
      let bytes = WIRE;
      for (const { at, byte, how } of edits) {
        const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
        if (how === 'cut') bytes = Buffer.concat([before, behind.subarray(1 + (byte & 7))]);
        else if (how === 'double') bytes = Buffer.concat([before, behind.subarray(0, 9), behind]);
        else bytes = Buffer.concat([before, Buffer.of(byte), behind.subarray(1)]);
      }
      await send(server.port, bytes, chunk + 1);
      assert.deepEqual([done, settled], [begun, begun]);
    }),
    { seed: 12, numRuns: 400 },
  );
  assert.ok(begun > 200, `only ${begun} requests were any`);
  const session = connectHttp2(`http://127.0.0.1:${server.port}`);
  t.after(() => session.destroy());
  const stream = session.request({ ':path': '/' });
  const status = await new Promise((resolve) =>
    stream.on('response', (headers) => resolve(headers[':status'])),
  );
  assert.equal(status, 200);
});

/** Resolves when the server has closed the connection, which it does once the client has ended its side. */
function send(port: number, bytes: Buffer, chunkBytes: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
    socket.resume();
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      socket.write(bytes.subarray(at, at + chunkBytes));
    }
    socket.end();
  });
}
