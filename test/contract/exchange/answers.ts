/** Exchange.answer and reset. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenExchangeHost, startHost, turns } from './host.ts';

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

export function answerCases(open: OpenExchangeHost): void {
  test('status, headers in order with repeats, length and body', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    served.exchange.answer(201, ['X-a', '1', 'x-b', '2', 'x-a', '3'], Buffer.from('hällo'));
    const { status, headers, body } = await connection.answer();
    assert.equal(status, 201);
    assert.deepEqual(
      headers.filter(([name]) => name.startsWith('x-')),
      [
        ['x-a', '1'],
        ['x-b', '2'],
        ['x-a', '3'],
      ],
    );
    assert.deepEqual(
      headers.filter(([name]) => name === 'content-length'),
      [['content-length', '6']],
    );
    assert.equal(Buffer.from(body, 'latin1').toString(), 'hällo');
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('an empty body has the length 0', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    (await host.next()).exchange.answer(200, [], new Uint8Array());
    const { headers } = await connection.answer();
    assert.equal(lengthOf(headers), '0');
  });

  for (const status of [204, 304]) {
    test(`${status} has neither length nor coding (RFC 9110 section 8.6), and the connection goes on`, async (t) => {
      const host = await startHost(t, open);
      const connection = host.connect();
      void connection.write(GET);
      (await host.next()).exchange.answer(status, [], new Uint8Array());
      const { headers } = await connection.answer();
      assert.equal(lengthOf(headers), undefined);
      assert.equal(new Map(headers).has('transfer-encoding'), false);
      await assertGoesOn(host, connection);
    });
  }

  test('HEAD has the length and no body, and the connection goes on', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write('HEAD / HTTP/1.1\r\nhost: a\r\n\r\n');
    (await host.next()).exchange.answer(200, [], Buffer.from('12345'));
    const { headers } = await connection.answer({ toHead: true });
    assert.equal(lengthOf(headers), '5');
    await assertGoesOn(host, connection);
  });

  test('one larger than any buffer arrives in full', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    served.exchange.answer(200, [], Buffer.alloc(8 << 20, 'x'));
    const { body } = await connection.answer();
    assert.equal(body.length, 8 << 20);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('reset cuts without an answer; that is no leaving of the client', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    served.exchange.reset();
    assert.equal(await connection.closed, 'reset');
    assert.equal(connection.received, '');
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('a client that leaves before the answer is told of, once, and the answer goes nowhere', async (t) => {
    const host = await startHost(t, open);
    const connection = host.connect();
    void connection.write(GET);
    const served = await host.next();
    connection.socket.resetAndDestroy();
    await served.gone;
    served.exchange.answer(200, [], Buffer.from('late'));
    const late = served.exchange.start(200, []);
    late.write(Buffer.from('late'));
    late.end(null);
    served.exchange.reset();
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [1, 1]);
  });
}

/** The connection still answers. */
async function assertGoesOn(
  host: Awaited<ReturnType<typeof startHost>>,
  connection: ReturnType<Awaited<ReturnType<typeof startHost>>['connect']>,
): Promise<void> {
  void connection.write(GET);
  (await host.next()).exchange.answer(200, [], Buffer.from('next'));
  assert.equal((await connection.answer()).body, 'next');
}

function lengthOf(headers: readonly (readonly [string, string])[]): string | undefined {
  return headers.find(([name]) => name === 'content-length')?.[1];
}
