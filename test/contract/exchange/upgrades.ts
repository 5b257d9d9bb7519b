/** Exchange.upgrade on HTTP/1.1 (RFC 9110 section 7.8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenExchangeHost, startHost, turns } from './host.ts';

const ASKS =
  'GET /chat HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: Echo\r\n\r\n';

export function upgradeCases(open: OpenExchangeHost): void {
  test('the protocol is told, and what follows the head is the first thing that comes', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(`${ASKS}early`);
    const served = await host.next();
    assert.equal(served.exchange.head.upgrade, 'echo');
    const duplex = served.exchange.upgrade(['x-a', '1']);
    duplex.on('data', (chunk: Buffer) => duplex.write(`<${chunk.toString()}>`));
    const { status, headers } = await connection.answer();
    assert.equal(status, 101);
    assert.deepEqual(headers, [
      ['connection', 'upgrade'],
      ['upgrade', 'echo'],
      ['x-a', '1'],
    ]);
    await connection.until('<early>');
    void connection.write('late');
    await connection.until('<late>');
    assert.equal(served.doneCount, 0);
    duplex.end();
    await connection.closed;
    connection.socket.end();
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('an upgrade that nobody wants is answered as if it had not been asked for', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(ASKS);
    (await host.next()).exchange.answer(200, [], Buffer.from('plain'));
    assert.equal((await connection.answer()).body, 'plain');
    void connection.write(ASKS);
    (await host.next()).exchange.answer(200, [], Buffer.from('again'));
    assert.equal((await connection.answer()).body, 'again');
  });

  for (const [name, head] of [
    [
      'h2c',
      'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n\r\n',
    ],
    ['without the connection option', 'GET / HTTP/1.1\r\nhost: a\r\nupgrade: echo\r\n\r\n'],
    ['of HTTP/1.0', 'GET / HTTP/1.0\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n'],
  ] as const) {
    test(`an upgrade ${name} is passed over`, async (t) => {
      const host = await startHost(t, open);
      const connection = host.connect();
      void connection.write(head);
      const { exchange } = await host.next();
      assert.equal(exchange.head.upgrade, undefined);
      assert.throws(() => exchange.upgrade([]), /does not ask for an upgrade/);
      exchange.answer(200, [], Buffer.from('x'));
      assert.equal((await connection.answer()).body, 'x');
    });
  }

  test('a drain leaves an upgraded connection to those who speak on it', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(ASKS);
    const served = await host.next();
    const duplex = served.exchange.upgrade([]);
    assert.equal((await connection.answer()).status, 101);
    host.clock.advance(600_000);
    await turns();
    duplex.write('still here');
    await connection.until('still here');
  });
}
