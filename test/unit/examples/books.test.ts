import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { type Answer, detailsOf, startPeer } from './peer.ts';

const MOBY = 'shelves/1/books/1';

function namesOf(answer: Answer): string[] {
  return answer.books.map(({ name }: { name: string }) => name);
}

describe('reading books', () => {
  test('one by name carries every kind of field', async (t) => {
    const peer = await startPeer(t);
    const book = await peer.call('GetBook', { name: MOBY });
    assert.equal(book.title, 'Moby-Dick');
    assert.deepEqual(book.subtitle, { value: 'The Whale' });
    assert.equal(book.authors[0].birth_year, 1819);
    assert.equal(book.copies_sold, '9007199254740993');
    assert.equal(book.genre, 'NOVEL');
    assert.equal(book.state, 'AVAILABLE');
    assert.deepEqual(book.chapters, {
      1: 'Loomings',
      2: 'The Carpet-Bag',
      135: 'The Chase. Third Day',
    });
    assert.equal(book.format, 'print');
    assert.deepEqual([...book.checksum], [0xde, 0xad, 0xbe, 0xef]);
    assert.deepEqual(book.reading_time, { seconds: '86400', nanos: 0 });
  });

  test('one by ISBN is the same', async (t) => {
    const peer = await startPeer(t);
    const byName = await peer.call('GetBook', { name: MOBY });
    assert.deepEqual(await peer.call('GetBook', { isbn: '9780142437247' }), byName);
  });

  test('the revision comes as metadata too', async (t) => {
    const peer = await startPeer(t);
    const head = await peer.head('GetBook', { name: MOBY });
    assert.deepEqual(head.get('bookstore-revision'), ['1']);
  });

  test('a missing book, no key, a malformed name and a damaged record are told apart', async (t) => {
    const peer = await startPeer(t);
    const codes: [object, status][] = [
      [{ name: 'shelves/1/books/99' }, status.NOT_FOUND],
      [{ isbn: '0' }, status.NOT_FOUND],
      [{}, status.INVALID_ARGUMENT],
      [{ name: 'books/1' }, status.INVALID_ARGUMENT],
      [{ name: 'shelves/3/books/2' }, status.DATA_LOSS],
    ];
    for (const [request, code] of codes) {
      await assert.rejects(peer.call('GetBook', request), { code }, JSON.stringify(request));
    }
  });

  test('reviews come with their average', async (t) => {
    const peer = await startPeer(t);
    const { reviews, average_stars } = await peer.call('ListReviews', { name: MOBY });
    assert.equal(average_stars, 3.5);
    assert.deepEqual(reviews[1], {
      reviewer: 'The whale',
      stars: 2,
      text: 'One-sided.',
      create_time: { seconds: '1751457600', nanos: 500_000_000 },
    });
  });
});

describe('listing books', () => {
  test('goes page by page to the end', async (t) => {
    const peer = await startPeer(t);
    const first = await peer.call('ListBooks', { parent: 'shelves/1', page: { size: 2 } });
    assert.deepEqual(namesOf(first), ['shelves/1/books/1', 'shelves/1/books/2']);
    assert.equal(first.total_size, 3);
    const page = { size: 2, token: first.next_page_token };
    const second = await peer.call('ListBooks', { parent: 'shelves/1', page });
    assert.deepEqual(namesOf(second), ['shelves/1/books/3']);
    assert.equal(second.next_page_token, '');
  });

  test('a token belongs to its question', async (t) => {
    const peer = await startPeer(t);
    const first = await peer.call('ListBooks', { parent: 'shelves/1', page: { size: 1 } });
    const page = { size: 1, token: first.next_page_token };
    for (const request of [
      { parent: 'shelves/2', page },
      { parent: 'shelves/1', page: { size: 1, token: 'x' } },
      { parent: 'shelves/1', page: { size: -1 } },
    ]) {
      await assert.rejects(peer.call('ListBooks', request), { code: status.INVALID_ARGUMENT });
    }
  });

  test('filters by each part and by all of them', async (t) => {
    const peer = await startPeer(t);
    const cases: [object, string[]][] = [
      [{ genres: ['POETRY'] }, ['shelves/2/books/1', 'shelves/2/books/2']],
      [{ author: 'melv' }, [MOBY]],
      [{ published_after: { seconds: '-2500000000' } }, ['shelves/1/books/3']],
      [{ min_rating: { value: 4.5 } }, [MOBY]],
      [{ labels: { language: 'la' } }, ['shelves/2/books/1']],
      [
        { genres: ['POETRY', 'NOVEL'], labels: { language: 'en' }, author: 'w' },
        ['shelves/2/books/2'],
      ],
      [{ state: 'ARCHIVED' }, []],
    ];
    for (const [filter, names] of cases) {
      const answer = await peer.call('ListBooks', { parent: 'shelves/-', filter });
      assert.deepEqual(namesOf(answer), names, JSON.stringify(filter));
    }
  });

  test('orders by title, date and sales', async (t) => {
    const peer = await startPeer(t);
    const order = async (field: string, descending: boolean): Promise<string[]> => {
      const request = { parent: 'shelves/1', order: { field, descending } };
      return namesOf(await peer.call('ListBooks', request)).map((name) => name.slice(-1));
    };
    assert.deepEqual(await order('TITLE', false), ['1', '3', '2']);
    assert.deepEqual(await order('PUBLISH_TIME', true), ['3', '2', '1']);
    assert.deepEqual(await order('COPIES_SOLD', true), ['1', '2', '3']);
  });
});

describe('making books', () => {
  test('the store sets name, state, revision and times', async (t) => {
    const peer = await startPeer(t);
    const book = await peer.call('CreateBook', {
      parent: 'shelves/2',
      book: { title: 'Howl', name: 'ignored', revision: '9', state: 'ARCHIVED' },
    });
    assert.equal(book.name, 'shelves/2/books/3');
    assert.equal(book.revision, '1');
    assert.equal(book.state, 'AVAILABLE');
    assert.deepEqual(book.create_time, { seconds: '1767225601', nanos: 0 });
    assert.deepEqual(await peer.call('GetBook', { name: book.name }), book);
  });

  test('every mistake is told at once', async (t) => {
    const peer = await startPeer(t);
    const book = { isbn: '12', genre: 77, page_count: -1, rating: { value: 6 } };
    await assert.rejects(peer.call('CreateBook', { parent: 'shelves/2', book }), (error) => {
      const fields = detailsOf(error)['BadRequest'].field_violations.map(
        ({ field }: { field: string }) => field,
      );
      assert.deepEqual(fields, [
        'book.title',
        'book.isbn',
        'book.genre',
        'book.page_count',
        'book.rating',
      ]);
      return true;
    });
  });

  test('a taken id, a taken ISBN, no book, a book too large and a full store are refused', async (t) => {
    const peer = await startPeer(t, { limits: { maxBooks: 9 } });
    const create = (request: object): Promise<Answer> =>
      peer.call('CreateBook', { parent: 'shelves/2', ...request });
    await create({ book: { title: 'A' }, book_id: 'a' });
    const codes: [object, status][] = [
      [{ book: { title: 'A' }, book_id: 'a' }, status.RESOURCE_EXHAUSTED],
      [{ book: { title: 'x'.repeat(501) } }, status.INVALID_ARGUMENT],
      [{ book: { title: 'A', tags: ['x'.repeat(20_000)] } }, status.INVALID_ARGUMENT],
      [{}, status.INVALID_ARGUMENT],
    ];
    for (const [request, code] of codes) await assert.rejects(create(request), { code });
    await peer.call('DeleteBook', { name: 'shelves/1/books/3' });
    await assert.rejects(create({ book: { title: 'A' }, book_id: 'a' }), {
      code: status.ALREADY_EXISTS,
    });
    await assert.rejects(create({ book: { title: 'A', isbn: '9780142437247' } }), {
      code: status.ALREADY_EXISTS,
    });
  });
});

describe('changing books', () => {
  test('only what the mask names', async (t) => {
    const peer = await startPeer(t);
    const book = await peer.call('UpdateBook', {
      book: { name: MOBY, title: 'The Whale', copies_sold: '1', print: { weight_kg: 2 } },
      update_mask: { paths: ['title', 'subtitle', 'print.weight_kg', 'revision'] },
    });
    assert.equal(book.title, 'The Whale');
    assert.equal(book.subtitle, null);
    assert.equal(book.copies_sold, '9007199254740993');
    assert.deepEqual(book.print, { binding: 'hardcover', weight_kg: 2 });
    assert.equal(book.revision, '2');
    assert.deepEqual(book.update_time, { seconds: '1767225601', nanos: 0 });
  });

  test('without a mask, what is set; with *, everything', async (t) => {
    const peer = await startPeer(t);
    const set = await peer.call('UpdateBook', { book: { name: MOBY, page_count: 0 } });
    assert.equal(set.page_count, 0);
    assert.equal(set.title, 'Moby-Dick');
    const replaced = await peer.call('UpdateBook', {
      book: { name: MOBY, title: 'Moby', ebook: { size_bytes: '5' } },
      update_mask: { paths: ['*'] },
    });
    assert.equal(replaced.title, 'Moby');
    assert.deepEqual(replaced.authors, []);
    assert.equal(replaced.page_count, undefined);
    assert.equal(replaced.format, 'ebook');
    await assert.rejects(peer.call('GetBook', { isbn: '9780142437247' }), {
      code: status.NOT_FOUND,
    });
  });

  test('an unknown path and a stale revision are refused, and nothing changes', async (t) => {
    const peer = await startPeer(t);
    const book = { name: MOBY, title: 'No' };
    for (const path of ['titel', 'title.x', 'print.binding.x', 'print.colour']) {
      const request = { book, update_mask: { paths: [path] } };
      await assert.rejects(peer.call('UpdateBook', request), { code: status.INVALID_ARGUMENT });
    }
    await assert.rejects(peer.call('UpdateBook', { book: { ...book, revision: '7' } }), (error) => {
      assert.equal((error as { code?: number }).code, status.ABORTED);
      assert.deepEqual(detailsOf(error)['RetryInfo'], { retry_delay: { nanos: 100_000_000 } });
      return true;
    });
    assert.equal((await peer.call('GetBook', { name: MOBY })).title, 'Moby-Dick');
  });

  test('archiving works once', async (t) => {
    const peer = await startPeer(t);
    const book = await peer.call('ArchiveBook', { name: MOBY, reason: 'worn' });
    assert.equal(book.state, 'ARCHIVED');
    assert.equal(book.labels.archive_reason, 'worn');
    await assert.rejects(peer.call('ArchiveBook', { name: MOBY }), {
      code: status.FAILED_PRECONDITION,
    });
  });

  test('moving gives a new name and keeps the files', async (t) => {
    const peer = await startPeer(t);
    const cover = await peer.call('DownloadCover', { name: MOBY });
    const book = await peer.call('MoveBook', { name: MOBY, destination: 'shelves/2' });
    assert.equal(book.name, 'shelves/2/books/3');
    await assert.rejects(peer.call('GetBook', { name: MOBY }), { code: status.NOT_FOUND });
    assert.deepEqual(await peer.call('DownloadCover', { name: book.name }), cover);
    assert.equal((await peer.call('GetBook', { isbn: '9780142437247' })).name, book.name);
    await assert.rejects(peer.call('MoveBook', { name: book.name, destination: 'shelves/9' }), {
      code: status.NOT_FOUND,
    });
  });

  test('deleting answers nothing, and then the book is gone', async (t) => {
    const peer = await startPeer(t);
    assert.deepEqual(await peer.call('DeleteBook', { name: MOBY }), {});
    await assert.rejects(peer.call('DeleteBook', { name: MOBY }), { code: status.NOT_FOUND });
    assert.equal((await peer.call('GetShelf', { name: 'shelves/1' })).book_count, 2);
  });
});
