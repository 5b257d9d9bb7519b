/** What the store keeps, shelf by shelf and book by book. */
import { dataLoss } from './errors.ts';
import { shelfName } from './names.ts';
import type { Book, HttpBody, Review, Shelf, ShelfEvent, Timestamp } from './types.ts';

export type FileKind = 'cover' | 'manuscript';
/** A change without the position in somebody's stream. */
export type Change = Omit<ShelfEvent, 'sequence'>;
/** Gets null when the shelf itself is gone. */
export type Watcher = (change: Change | null) => void;

export interface ShelfRecord {
  readonly id: string;
  readonly theme: string;
  readonly createTime: Timestamp;
  readonly books: Map<string, BookRecord>;
  readonly watchers: Set<Watcher>;
  /** The number that was given to a book last. */
  lastNumber: number;
}

export interface BookRecord {
  book: Book;
  readonly reviews: readonly Review[];
  readonly files: Map<FileKind, HttpBody>;
  readonly damaged: boolean;
}

/** Every field as unset. */
export const BLANK_BOOK: Book = {
  name: '',
  title: '',
  subtitle: null,
  authors: [],
  isbn: '',
  genre: 'GENRE_UNSPECIFIED',
  state: 'STATE_UNSPECIFIED',
  publish_time: null,
  reading_time: null,
  copies_sold: '0',
  rating: null,
  tags: [],
  labels: {},
  chapters: {},
  checksum: new Uint8Array(),
  revision: '0',
  create_time: null,
  update_time: null,
};

/** The shelf as callers see it. */
export function describe({ id, theme, books, createTime }: ShelfRecord): Shelf {
  return {
    name: shelfName(id),
    theme,
    book_count: books.size,
    create_time: createTime,
  };
}

/** The next number that no book of the shelf has; callers may choose numbers as ids. */
export function freeBookNumber(shelf: ShelfRecord): string {
  do shelf.lastNumber++;
  while (shelf.books.has(String(shelf.lastNumber)));
  return String(shelf.lastNumber);
}

/** Refuses a damaged record. */
export function readable(record: BookRecord): BookRecord {
  if (record.damaged) throw dataLoss(record.book.name);
  return record;
}
