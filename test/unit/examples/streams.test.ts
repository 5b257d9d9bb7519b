import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { startBookstore } from '../../../examples/bookstore/server.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { type Answer, connect, detailsOf, startPeer } from './peer.ts';

describe('StreamBooks', () => {
  test('sends every book of a shelf', async (t) => {
    const peer = await startPeer(t);
    const { messages, error } = await peer.stream('StreamBooks', { parent: 'shelves/1' });
    assert.equal(error, undefined);
    assert.deepEqual(
      messages.map(({ title }) => title),
      ['Moby-Dick', 'Treasure Island', 'The Sea-Wolf'],
    );
  });

  test('breaks at a damaged record, behind the books before it', async (t) => {
    const peer = await startPeer(t);
    const { messages, error } = await peer.stream('StreamBooks', { parent: 'shelves/3' });
    assert.equal(messages.length, 1);
    assert.equal(error?.code, status.DATA_LOSS);
    assert.deepEqual(detailsOf(error)['ErrorInfo'].metadata, { name: 'shelves/3/books/2' });
  });

  test('waits the interval before each book but the first', async (t) => {
    const waits: number[] = [];
    const clock = {
      ...systemClock,
      after(delayMs: number, fire: () => void) {
        waits.push(delayMs);
        return systemClock.after(0, fire);
      },
    };
    const peer = await startPeer(t, { clock });
    const interval = { seconds: '1', nanos: 500_000_000 };
    const { messages } = await peer.stream('StreamBooks', { parent: 'shelves/1', interval });
    assert.equal(messages.length, 3);
    assert.deepEqual(waits, [1500, 1500]);
  });

  test('a missing shelf and an interval out of range are refused before the first book', async (t) => {
    const peer = await startPeer(t);
    const missing = await peer.stream('StreamBooks', { parent: 'shelves/9' });
    assert.equal(missing.error?.code, status.NOT_FOUND);
    const interval = { seconds: '11' };
    const long = await peer.stream('StreamBooks', { parent: 'shelves/1', interval });
    assert.equal(long.error?.code, status.INVALID_ARGUMENT);
    assert.equal(long.messages.length, 0);
  });
});

describe('WatchShelf', () => {
  test('tells the state, then each change, and ends after max_events', async (t) => {
    const peer = await startPeer(t);
    const stream = peer.open('WatchShelf', { name: 'shelves/2', max_events: 4 });
    const events: Answer[] = [];
    for await (const event of stream) {
      events.push(event);
      // The first event says that the watch has begun; changes before it would be missed.
      if (events.length > 1) continue;
      await peer.call('CreateBook', { parent: 'shelves/2', book: { title: 'Howl' } });
      await peer.call('UpdateBook', { book: { name: 'shelves/2/books/3', title: 'Howl!' } });
      await peer.call('DeleteBook', { name: 'shelves/2/books/3' });
    }
    assert.deepEqual(
      events.map(({ sequence, change }) => [sequence, change]),
      [
        ['1', 'opened'],
        ['2', 'created'],
        ['3', 'updated'],
        ['4', 'deleted'],
      ],
    );
    assert.equal(events[0].opened.theme, 'Poetry');
    assert.equal(events[2].updated.title, 'Howl!');
    assert.equal(events[3].deleted, 'shelves/2/books/3');
  });

  test('ends with its shelf', async (t) => {
    const peer = await startPeer(t);
    const events: Answer[] = [];
    for await (const event of peer.open('WatchShelf', { name: 'shelves/2' })) {
      events.push(event);
      if (events.length === 1) await peer.call('DeleteShelf', { name: 'shelves/2', force: true });
    }
    assert.deepEqual(
      events.map(({ change }) => change),
      ['opened', 'deleted', 'deleted'],
    );
  });

  test('ends when the service stops, which waits for nobody else', async (t) => {
    const bookstore = await startBookstore();
    const peer = connect(t, bookstore.port);
    let events = 0;
    for await (const event of peer.open('WatchShelf', { name: 'shelves/1' })) {
      events += Number(event.sequence);
      await bookstore.close();
    }
    assert.equal(events, 1);
  });

  test('a caller that leaves makes room for the next', async (t) => {
    const peer = await startPeer(t, { limits: { maxWatchers: 1 } });
    for (let round = 0; round < 2; round++) {
      const stream = peer.open('WatchShelf', { name: 'shelves/1' });
      for await (const { change } of stream) {
        assert.equal(change, 'opened');
        const refused = await peer.stream('WatchShelf', { name: 'shelves/1' });
        assert.equal(refused.error?.code, status.RESOURCE_EXHAUSTED);
        break;
      }
      // The end of the call travels before this one on the same connection.
      stream.cancel();
      await peer.call('GetShelf', { name: 'shelves/1' });
    }
  });
});

describe('ImportBooks', () => {
  test('imports what it can and tells what it could not', async (t) => {
    const peer = await startPeer(t);
    const answer = await peer.send('ImportBooks', [
      { parent: 'shelves/2', book: { title: 'Howl' } },
      { book: { title: '' } },
      { book: { title: 'Again', isbn: '9780142437247' } },
      { book: { title: 'Kaddish' } },
    ]);
    assert.deepEqual(answer, {
      imported_count: 2,
      names: ['shelves/2/books/3', 'shelves/2/books/4'],
      failures: [
        { index: 1, code: status.INVALID_ARGUMENT, message: 'book.title: must not be empty' },
        { index: 2, code: status.ALREADY_EXISTS, message: 'isbn 9780142437247 exists already' },
      ],
    });
  });

  test('nothing in, nothing done', async (t) => {
    const peer = await startPeer(t);
    const answer = await peer.send('ImportBooks', []);
    assert.deepEqual(answer, { imported_count: 0, names: [], failures: [] });
  });

  test('a missing shelf and too many books end the call', async (t) => {
    const peer = await startPeer(t);
    const book = { title: 'Howl' };
    await assert.rejects(peer.send('ImportBooks', [{ parent: 'shelves/9', book }, { book }]), {
      code: status.NOT_FOUND,
    });
    const many = Array.from({ length: 1001 }, () => ({ parent: 'shelves/2', book }));
    await assert.rejects(peer.send('ImportBooks', many), { code: status.RESOURCE_EXHAUSTED });
  });
});

describe('Chat', () => {
  test('answers each message in order', async (t) => {
    const peer = await startPeer(t);
    const { messages, error } = await peer.talk('Chat', [
      { parent: 'shelves/1', sender: 'me', text: 'Do you have moby-dick?' },
      { text: 'And Ulysses?' },
    ]);
    assert.equal(error, undefined);
    assert.deepEqual(messages, [
      {
        parent: 'shelves/1',
        sender: 'librarian',
        text: 'We have Moby-Dick.',
        sequence: 1,
        books: ['shelves/1/books/1'],
      },
      {
        parent: 'shelves/1',
        sender: 'librarian',
        text: 'I don\'t know a book of "And Ulysses?" here.',
        sequence: 2,
        books: [],
      },
    ]);
  });

  test('ends with NOT_FOUND on a shelf that is not there, whatever follows', async (t) => {
    const peer = await startPeer(t);
    const { messages, error } = await peer.talk('Chat', [
      { parent: 'shelves/9', text: 'Hello?' },
      { text: 'Hello?' },
    ]);
    assert.equal(messages.length, 0);
    assert.equal(error?.code, status.NOT_FOUND);
  });
});
