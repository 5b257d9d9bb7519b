/** Shelves and books in memory, with a bound on everything that callers can make grow. */
import type { Clock } from '../../src/lib/clock.ts';
import { alreadyExists, failedPrecondition, full, notFound, stale } from './errors.ts';
import { bookName, checkId, parseBook, shelfName } from './names.ts';
import {
  BLANK_BOOK,
  type BookRecord,
  type Change,
  describe,
  type FileKind,
  freeBookNumber,
  readable,
  type ShelfRecord,
  type Watcher,
} from './records.ts';
import { SEED, SEED_TIME, type SeedBook } from './seed.ts';
import { timestamp } from './time.ts';
import type { Book, HttpBody, Review, Shelf, Timestamp } from './types.ts';

export interface StoreLimits {
  readonly maxShelves: number;
  readonly maxBooks: number;
  /** Of all covers and manuscripts together. */
  readonly maxFileBytes: number;
  readonly maxWatchers: number;
}

const DEFAULT_LIMITS: StoreLimits = {
  maxShelves: 100,
  maxBooks: 10_000,
  maxFileBytes: 64 * 1024 * 1024,
  maxWatchers: 1000,
};

export class Store {
  readonly #clock: Clock;
  readonly #limits: StoreLimits;
  readonly #shelves = new Map<string, ShelfRecord>();
  readonly #byIsbn = new Map<string, BookRecord>();
  #lastShelf = 0;
  #books = 0;
  #fileBytes = 0;
  #watchers = 0;

  constructor(clock: Clock, limits: Partial<StoreLimits> = {}) {
    this.#clock = clock;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    for (const { id, theme, books } of SEED) {
      const shelf = this.#addShelf(id, theme, SEED_TIME);
      for (const seed of books) this.#addBook(shelf, '', seed, SEED_TIME);
    }
  }

  shelves(): Shelf[] {
    return [...this.#shelves.values()].map(describe);
  }

  shelf(id: string): Shelf {
    return describe(this.#shelf(id));
  }

  createShelf(theme: string, id: string): Shelf {
    if (this.#shelves.size >= this.#limits.maxShelves)
      throw full('shelves', this.#limits.maxShelves);
    if (id !== '') checkId(id, 'shelf_id');
    const chosen = id === '' ? this.#freeShelfNumber() : id;
    if (this.#shelves.has(chosen)) throw alreadyExists('Shelf', shelfName(chosen));
    return describe(this.#addShelf(chosen, theme, this.#now()));
  }

  deleteShelf(id: string, force: boolean): void {
    const shelf = this.#shelf(id);
    if (shelf.books.size > 0 && !force) {
      const name = shelfName(id);
      throw failedPrecondition(
        'SHELF_NOT_EMPTY',
        name,
        `${name} still holds ${shelf.books.size} books`,
      );
    }
    for (const { book } of shelf.books.values()) this.deleteBook(book.name);
    this.#shelves.delete(id);
    this.#tell(shelf, null);
  }

  /** The books of one shelf, or of all; a damaged record is left out. */
  books(shelf: string | null): Book[] {
    const shelves = shelf === null ? [...this.#shelves.values()] : [this.#shelf(shelf)];
    return shelves
      .flatMap(({ books }) => [...books.values()])
      .filter(({ damaged }) => !damaged)
      .map(({ book }) => book);
  }

  /** The names of all books of a shelf, damaged or not. */
  bookNames(shelf: string): string[] {
    return [...this.#shelf(shelf).books.values()].map(({ book }) => book.name);
  }

  book(name: string): Book {
    return readable(this.#record(name)).book;
  }

  bookByIsbn(isbn: string): Book {
    const record = this.#byIsbn.get(isbn);
    if (record === undefined) throw notFound('Book', `isbn ${isbn}`);
    return readable(record).book;
  }

  reviews(name: string): readonly Review[] {
    return this.#record(name).reviews;
  }

  createBook(shelfId: string, book: Book, id: string): Book {
    const shelf = this.#shelf(shelfId);
    if (this.#books >= this.#limits.maxBooks) throw full('books', this.#limits.maxBooks);
    if (id !== '') checkId(id, 'book_id');
    if (shelf.books.has(id)) throw alreadyExists('Book', bookName(shelfId, id));
    this.#checkIsbn(book.isbn, undefined);
    const made = this.#addBook(shelf, id, { book }, this.#now()).book;
    this.#tell(shelf, { event_time: made.create_time ?? SEED_TIME, created: made });
    return made;
  }

  /** Replaces a book by what `change` makes of it; `revision` other than 0 must be the current one. */
  updateBook(name: string, revision: string, change: (book: Book) => Book): Book {
    const record = readable(this.#record(name));
    const before = record.book;
    if (revision !== '0' && revision !== before.revision) throw stale(name, before.revision);
    const after = change(before);
    this.#checkIsbn(after.isbn, record);
    const updateTime = this.#now();
    record.book = {
      ...after,
      name,
      revision: String(BigInt(before.revision) + 1n),
      create_time: before.create_time,
      update_time: updateTime,
    };
    this.#byIsbn.delete(before.isbn);
    if (after.isbn !== '') this.#byIsbn.set(after.isbn, record);
    this.#tell(this.#shelf(parseBook(name, 'name').shelf), {
      event_time: updateTime,
      updated: record.book,
    });
    return record.book;
  }

  deleteBook(name: string): void {
    const record = this.#record(name);
    const { shelf: shelfId, book } = parseBook(name, 'name');
    const shelf = this.#shelf(shelfId);
    shelf.books.delete(book);
    this.#byIsbn.delete(record.book.isbn);
    this.#books--;
    for (const file of record.files.values()) this.#fileBytes -= file.data.length;
    this.#tell(shelf, { event_time: this.#now(), deleted: name });
  }

  /** The book under a new number of another shelf; files and reviews go along. */
  moveBook(name: string, toShelf: string): Book {
    const target = this.#shelf(toShelf);
    const record = readable(this.#record(name));
    const { shelf, book: id } = parseBook(name, 'name');
    const source = this.#shelf(shelf);
    const newId = freeBookNumber(target);
    const updateTime = this.#now();
    source.books.delete(id);
    target.books.set(newId, record);
    record.book = {
      ...record.book,
      name: bookName(toShelf, newId),
      revision: String(BigInt(record.book.revision) + 1n),
      update_time: updateTime,
    };
    this.#tell(source, { event_time: updateTime, deleted: name });
    this.#tell(target, { event_time: updateTime, created: record.book });
    return record.book;
  }

  file(name: string, kind: FileKind): HttpBody {
    const file = readable(this.#record(name)).files.get(kind);
    if (file === undefined) throw notFound(kind, `${name}/${kind}`);
    return file;
  }

  setFile(name: string, kind: FileKind, file: HttpBody): void {
    const { files } = readable(this.#record(name));
    const total = this.#fileBytes + file.data.length - (files.get(kind)?.data.length ?? 0);
    if (total > this.#limits.maxFileBytes) throw full('file bytes', this.#limits.maxFileBytes);
    this.#fileBytes = total;
    files.set(kind, file);
  }

  /** Hands every later change of a shelf's books to `watcher`; the returned function ends that. */
  watch(shelfId: string, watcher: Watcher): () => void {
    const { watchers } = this.#shelf(shelfId);
    if (this.#watchers >= this.#limits.maxWatchers)
      throw full('watchers', this.#limits.maxWatchers);
    watchers.add(watcher);
    this.#watchers++;
    return () => {
      if (watchers.delete(watcher)) this.#watchers--;
    };
  }

  #shelf(id: string): ShelfRecord {
    const shelf = this.#shelves.get(id);
    if (shelf === undefined) throw notFound('Shelf', shelfName(id));
    return shelf;
  }

  #record(name: string): BookRecord {
    const { shelf, book } = parseBook(name, 'name');
    const record = this.#shelves.get(shelf)?.books.get(book);
    if (record === undefined) throw notFound('Book', name);
    return record;
  }

  #addShelf(id: string, theme: string, createTime: Timestamp): ShelfRecord {
    const made = {
      id,
      theme,
      createTime,
      books: new Map(),
      watchers: new Set<Watcher>(),
      lastNumber: 0,
    };
    this.#shelves.set(id, made);
    return made;
  }

  #addBook(shelf: ShelfRecord, id: string, seed: SeedBook, createTime: Timestamp): BookRecord {
    const key = id === '' ? freeBookNumber(shelf) : id;
    const record: BookRecord = {
      book: {
        ...BLANK_BOOK,
        ...seed.book,
        name: bookName(shelf.id, key),
        state: 'AVAILABLE',
        revision: '1',
        create_time: createTime,
        update_time: createTime,
      },
      reviews: seed.reviews ?? [],
      files: new Map(),
      damaged: seed.damaged ?? false,
    };
    shelf.books.set(key, record);
    this.#books++;
    if (record.book.isbn !== '') this.#byIsbn.set(record.book.isbn, record);
    if (seed.cover !== undefined) this.setFile(record.book.name, 'cover', seed.cover);
    if (seed.manuscript !== undefined)
      this.setFile(record.book.name, 'manuscript', seed.manuscript);
    return record;
  }

  #checkIsbn(isbn: string, owner: BookRecord | undefined): void {
    const other = isbn === '' ? undefined : this.#byIsbn.get(isbn);
    if (other !== undefined && other !== owner) throw alreadyExists('Book', `isbn ${isbn}`);
  }

  #freeShelfNumber(): string {
    do this.#lastShelf++;
    while (this.#shelves.has(String(this.#lastShelf)));
    return String(this.#lastShelf);
  }

  #tell(shelf: ShelfRecord, change: Change | null): void {
    for (const watcher of shelf.watchers) watcher(change);
  }

  #now(): Timestamp {
    return timestamp(this.#clock.epochMs());
  }
}
