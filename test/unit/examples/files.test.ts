import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { startPeer } from './peer.ts';

const MOBY = 'shelves/1/books/1';

describe('covers', () => {
  test('come with their type', async (t) => {
    const peer = await startPeer(t);
    const cover = await peer.call('DownloadCover', { name: MOBY });
    assert.equal(cover.content_type, 'image/svg+xml');
    assert.match(cover.data.toString('utf8'), /^<svg .*Moby-Dick.*<\/svg>\n$/);
  });

  test('are kept byte by byte', async (t) => {
    const peer = await startPeer(t);
    const data = Uint8Array.of(0, 255, 13, 10, 128);
    const info = await peer.call('UploadCover', {
      name: MOBY,
      cover: { content_type: 'image/png', data },
    });
    assert.deepEqual(info, {
      name: `${MOBY}/cover`,
      content_type: 'image/png',
      size_bytes: '5',
      sha256: createHash('sha256').update(data).digest(),
    });
    const cover = await peer.call('DownloadCover', { name: MOBY });
    assert.deepEqual([cover.content_type, [...cover.data]], ['image/png', [...data]]);
  });

  test('none, an empty one, one too large and one too many are refused', async (t) => {
    const peer = await startPeer(t, { limits: { maxFileBytes: 600_000 } });
    await assert.rejects(peer.call('DownloadCover', { name: 'shelves/1/books/3' }), {
      code: status.NOT_FOUND,
    });
    await assert.rejects(peer.call('UploadCover', { name: MOBY }), {
      code: status.INVALID_ARGUMENT,
    });
    for (const size of [500_000, 1024 * 1024 + 1]) {
      const cover = { data: new Uint8Array(size) };
      await assert.rejects(peer.call('UploadCover', { name: MOBY, cover }), {
        code: status.RESOURCE_EXHAUSTED,
      });
    }
  });
});

describe('manuscripts', () => {
  test('come in pieces, the first with the type', async (t) => {
    const peer = await startPeer(t);
    const { messages, error } = await peer.stream('DownloadManuscript', { name: MOBY });
    assert.equal(error, undefined);
    assert.deepEqual(
      messages.map(({ content_type }) => content_type),
      ['text/plain; charset=utf-8', '', '', ''],
    );
    const text = Buffer.concat(messages.map(({ data }) => data)).toString('utf8');
    assert.equal(text.split('\n').length, 10_001);
    assert.ok(text.endsWith('Moby-Dick, line 10000\n'));
  });

  test('are put together from pieces', async (t) => {
    const peer = await startPeer(t);
    const name = 'shelves/1/books/2';
    const info = await peer.send('UploadManuscript', [
      { name, file: { content_type: 'text/plain', data: Buffer.from('If sailor tales ') } },
      { file: { data: Buffer.from('to sailor tunes') } },
    ]);
    assert.equal(info.size_bytes, '31');
    const { messages } = await peer.stream('DownloadManuscript', { name });
    assert.equal(messages[0].data.toString('utf8'), 'If sailor tales to sailor tunes');
  });

  test('of no book, without content and too large are refused', async (t) => {
    const peer = await startPeer(t);
    const file = { content_type: 'text/plain', data: new Uint8Array(1024 * 1024) };
    const name = 'shelves/1/books/9';
    await assert.rejects(peer.send('UploadManuscript', [{ name, file }]), {
      code: status.NOT_FOUND,
    });
    await assert.rejects(peer.send('UploadManuscript', []), { code: status.INVALID_ARGUMENT });
    const pieces = Array.from({ length: 17 }, () => ({ name: MOBY, file }));
    await assert.rejects(peer.send('UploadManuscript', pieces), {
      code: status.RESOURCE_EXHAUSTED,
    });
    const { error } = await peer.stream('DownloadManuscript', { name });
    assert.equal(error?.code, status.NOT_FOUND);
  });
});
