import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { detailsOf, startPeer } from './peer.ts';

describe('shelves', () => {
  test('are listed in pages', async (t) => {
    const peer = await startPeer(t);
    const first = await peer.call('ListShelves', { page_size: 2 });
    assert.deepEqual(
      first.shelves.map((shelf: { name: string }) => shelf.name),
      ['shelves/1', 'shelves/2'],
    );
    const second = await peer.call('ListShelves', {
      page_size: 2,
      page_token: first.next_page_token,
    });
    assert.deepEqual(second, {
      shelves: [
        {
          name: 'shelves/3',
          theme: 'Water damage',
          book_count: 3,
          create_time: { seconds: '1748768400', nanos: 0 },
        },
      ],
      next_page_token: '',
    });
  });

  test('are made under the next number or a chosen id', async (t) => {
    const peer = await startPeer(t);
    const numbered = await peer.call('CreateShelf', { shelf: { theme: 'Maps' } });
    assert.equal(numbered.name, 'shelves/4');
    assert.deepEqual(numbered.create_time, { seconds: '1767225601', nanos: 0 });
    const chosen = await peer.call('CreateShelf', { shelf: { theme: 'Atlases' }, shelf_id: 'big' });
    assert.equal(chosen.name, 'shelves/big');
    assert.deepEqual(await peer.call('GetShelf', { name: 'shelves/big' }), chosen);
  });

  test('a taken id, an id that is none and an empty theme are refused', async (t) => {
    const peer = await startPeer(t);
    const shelf = { theme: 'Maps' };
    await assert.rejects(peer.call('CreateShelf', { shelf, shelf_id: '1' }), {
      code: status.ALREADY_EXISTS,
    });
    await assert.rejects(peer.call('CreateShelf', { shelf, shelf_id: 'No Id' }), {
      code: status.INVALID_ARGUMENT,
    });
    await assert.rejects(peer.call('CreateShelf', {}), (error) => {
      assert.deepEqual(detailsOf(error)['BadRequest'].field_violations, [
        { field: 'shelf.theme', description: 'must not be empty' },
      ]);
      return true;
    });
  });

  test('a missing one is NOT_FOUND with its resource', async (t) => {
    const peer = await startPeer(t);
    await assert.rejects(peer.call('GetShelf', { name: 'shelves/9' }), (error) => {
      assert.equal((error as { code?: number }).code, status.NOT_FOUND);
      const { ResourceInfo } = detailsOf(error);
      assert.equal(ResourceInfo.resource_type, 'bookstore.example.com/Shelf');
      assert.equal(ResourceInfo.resource_name, 'shelves/9');
      return true;
    });
  });

  test('one with books is removed only by force', async (t) => {
    const peer = await startPeer(t);
    await assert.rejects(peer.call('DeleteShelf', { name: 'shelves/2' }), (error) => {
      assert.equal((error as { code?: number }).code, status.FAILED_PRECONDITION);
      assert.equal(detailsOf(error)['ErrorInfo'].reason, 'SHELF_NOT_EMPTY');
      return true;
    });
    assert.deepEqual(await peer.call('DeleteShelf', { name: 'shelves/2', force: true }), {});
    await assert.rejects(peer.call('GetShelf', { name: 'shelves/2' }), { code: status.NOT_FOUND });
    await assert.rejects(peer.call('GetBook', { isbn: '9780140421996' }), {
      code: status.NOT_FOUND,
    });
  });

  test('a full store says so and when to come back', async (t) => {
    const peer = await startPeer(t, { limits: { maxShelves: 3 } });
    await assert.rejects(peer.call('CreateShelf', { shelf: { theme: 'Maps' } }), (error) => {
      assert.equal((error as { code?: number }).code, status.RESOURCE_EXHAUSTED);
      const { ErrorInfo, RetryInfo } = detailsOf(error);
      assert.deepEqual(ErrorInfo, {
        reason: 'STORE_FULL',
        domain: 'bookstore.example.com',
        metadata: { what: 'shelves', limit: '3' },
      });
      assert.deepEqual(RetryInfo, { retry_delay: { seconds: '30' } });
      return true;
    });
  });
});
