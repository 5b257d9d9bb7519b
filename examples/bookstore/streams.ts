/** The methods with many messages: listing, watching, importing, talking. */
import type { ServerWritableStream, UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Clock } from '../../src/lib/clock.ts';
import {
  type Collector,
  clientStream,
  conversation,
  type Outlet,
  serverStream,
  writeWithRoom,
} from './calls.ts';
import { full, invalid, RpcError, toStatus } from './errors.ts';
import { parseShelf } from './names.ts';
import type { Change } from './records.ts';
import type { Store } from './store.ts';
import { timestamp, toMs } from './time.ts';
import type { Book, ChatMessage, Duration, ImportFailure, ShelfEvent } from './types.ts';
import { checkBook } from './validate.ts';

interface StreamBooksRequest {
  readonly parent: string;
  readonly interval: Duration | null;
}

interface WatchShelfRequest {
  readonly name: string;
  readonly max_events: number;
}

interface ImportBooksRequest {
  readonly parent: string;
  readonly book: Book | null;
}

interface ImportBooksResponse {
  readonly imported_count: number;
  readonly names: readonly string[];
  readonly failures: readonly ImportFailure[];
}

const MAX_INTERVAL_MS = 10_000;
const MAX_IMPORT = 1000;
/** Events that wait for a slow watcher before it is cut off. */
const MAX_WAITING_EVENTS = 1000;

/** `stopping` is aborted when the server closes, so that watches without end have one. */
export function streamMethods(
  store: Store,
  clock: Clock,
  stopping: AbortSignal,
): UntypedServiceImplementation {
  return {
    StreamBooks: serverStream<StreamBooksRequest, Book>((call) => streamBooks(store, clock, call)),
    WatchShelf: serverStream<WatchShelfRequest, ShelfEvent>((call) =>
      watchShelf(store, clock, call, stopping),
    ),
    ImportBooks: clientStream(() => importer(store)),
    Chat: conversation(() => librarian(store)),
  };
}

async function streamBooks(
  store: Store,
  clock: Clock,
  call: ServerWritableStream<StreamBooksRequest, Book>,
): Promise<void> {
  const { parent, interval } = call.request;
  const intervalMs = toMs(interval);
  if (!(intervalMs >= 0 && intervalMs <= MAX_INTERVAL_MS)) {
    throw invalid({ field: 'interval', description: 'expected 0s to 10s' });
  }
  let first = true;
  for (const name of store.bookNames(parseShelf(parent, 'parent'))) {
    if (!first && intervalMs > 0) await pause(clock, intervalMs, call);
    first = false;
    if (!(await writeWithRoom(call, store.book(name)))) return;
  }
}

/** Ends when the caller leaves, `max_events` are out, the shelf is gone or the server stops. */
function watchShelf(
  store: Store,
  clock: Clock,
  call: ServerWritableStream<WatchShelfRequest, ShelfEvent>,
  stopping: AbortSignal,
): Promise<void> {
  const { name, max_events: maxEvents } = call.request;
  const shelf = parseShelf(name, 'name');
  if (maxEvents < 0) throw invalid({ field: 'max_events', description: 'must not be negative' });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let sent = 0;
  let waiting = 0;
  const send = (change: Change | null): void => {
    if (change === null) return resolve();
    if (waiting >= MAX_WAITING_EVENTS) return reject(full('waiting events', MAX_WAITING_EVENTS));
    sent++;
    const hasRoom = call.write({ ...change, sequence: String(sent) });
    waiting = hasRoom ? 0 : waiting + 1;
    if (sent === maxEvents) resolve();
  };
  const stop = store.watch(shelf, send);
  const onStopping = (): void => resolve();
  call.on('drain', () => (waiting = 0));
  call.on('cancelled', onStopping);
  stopping.addEventListener('abort', onStopping);
  send({ event_time: timestamp(clock.epochMs()), opened: store.shelf(shelf) });
  return promise.finally(() => {
    stop();
    stopping.removeEventListener('abort', onStopping);
  });
}

function importer(store: Store): Collector<ImportBooksRequest, ImportBooksResponse> {
  let shelf: string | undefined;
  let index = 0;
  const names: string[] = [];
  const failures: ImportFailure[] = [];
  return {
    take({ parent, book }) {
      if (shelf === undefined) {
        shelf = parseShelf(parent, 'parent');
        store.shelf(shelf);
      }
      if (index >= MAX_IMPORT) throw full('books in one import', MAX_IMPORT);
      const made = importOne(store, shelf, book);
      if (typeof made === 'string') names.push(made);
      else failures.push({ ...made, index });
      index++;
    },
    finish: () => ({ imported_count: names.length, names, failures }),
  };
}

function importOne(
  store: Store,
  shelf: string,
  book: Book | null,
): string | Omit<ImportFailure, 'index'> {
  try {
    if (book === null) throw invalid({ field: 'book', description: 'is missing' });
    return store.createBook(shelf, checkBook(book), '').name;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const { code, details: message } = toStatus(error);
    return { code, message };
  }
}

function librarian(store: Store): (message: ChatMessage) => ChatMessage {
  let parent: string | undefined;
  let sequence = 0;
  return (message) => {
    parent ??= message.parent;
    const books = store.books(parseShelf(parent, 'parent'));
    const heard = message.text.toLowerCase();
    const meant = books.filter(({ title }) => heard.includes(title.toLowerCase()));
    sequence++;
    return {
      parent,
      sender: 'librarian',
      text:
        meant.length > 0
          ? `We have ${meant.map(({ title }) => title).join(' and ')}.`
          : `I don't know a book of "${message.text}" here.`,
      sequence,
      books: meant.map(({ name }) => name),
    };
  };
}

/** Waits, or returns early when the caller leaves. */
function pause(clock: Clock, delayMs: number, call: Outlet<never>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      call.off('cancelled', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    call.once('cancelled', done);
  });
}
