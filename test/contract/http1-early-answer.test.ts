/** An answer that goes out while its reader holds the request body back: what is passed over must not look like the end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '../../src/listen/listener.ts';
import { listenerOptions } from '../support/listener-options.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { openConnection } from '../support/raw-connection.ts';

for (const [framing, request] of [
  ['by length', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 6\r\n\r\nabcdef'],
  [
    'in chunks',
    'POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n',
  ],
] as const) {
  test(`a body ${framing} that is passed over fails for its reader, and the connection goes on`, async (t) => {
    const seen: string[] = [];
    const listener = await listen(
      listenerOptions((exchange) => {
        if (exchange.head.verb === 'POST') {
          // Nothing is taken before the answer.
          exchange.body.pause();
          exchange.body.pump({
            onDrain: null,
            write: () => seen.push('write') > 0,
            end: () => seen.push('end'),
            fail: ({ pg }) => seen.push(pg),
          });
        }
        exchange.answer(200, [], Buffer.from(exchange.head.verb));
      }, new ManualClock()),
    );
    t.after(async () => {
      const drained = listener.drain();
      listener.cut();
      await drained;
    });
    const connection = openConnection(t, listener.port);
    await connection.write(request);
    assert.equal((await connection.answer()).body, 'POST');
    assert.deepEqual(seen, ['PG_BODY_INCOMPLETE']);
    await connection.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.equal((await connection.answer()).body, 'GET');
  });
}
