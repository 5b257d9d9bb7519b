import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startBookstore } from '../../../examples/bookstore/server.ts';
import { connect } from './peer.ts';

describe('startBookstore', () => {
  test('rejects when the port is taken', async (t) => {
    const first = await startBookstore();
    t.after(() => first.close());
    await assert.rejects(startBookstore({ port: first.port }), /EADDRINUSE/);
  });

  test('gives the same answers at every start', async (t) => {
    const answers = await Promise.all(
      [1, 2].map(async () => {
        const bookstore = await startBookstore();
        t.after(() => bookstore.close());
        const peer = connect(t, bookstore.port);
        return [
          await peer.call('ListBooks', { parent: 'shelves/-' }),
          await peer.call('CreateBook', { parent: 'shelves/1', book: { title: 'Same' } }),
          await peer.call('CreateShelf', { shelf: { theme: 'Same' } }),
        ];
      }),
    );
    assert.deepEqual(answers[0], answers[1]);
  });
});
