/** Resource names: `shelves/{shelf}` and `shelves/{shelf}/books/{book}` (AIP-122). */
import { invalid } from './errors.ts';

export interface BookName {
  readonly shelf: string;
  readonly book: string;
}

/** The shelf of every shelf, for reading across collections (AIP-159). */
export const ANY_SHELF = '-';

const SHELF = /^shelves\/([^/]+)$/;
const BOOK = /^shelves\/([^/]+)\/books\/([^/]+)$/;
/** AIP-122 "Resource ID segments". */
const ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The id in a shelf's name; `field` is told to the caller when it is none. */
export function parseShelf(name: string, field: string): string {
  const id = SHELF.exec(name)?.[1];
  if (id === undefined) {
    throw invalid({ field, description: `expected shelves/{shelf}, got "${name}"` });
  }
  return id;
}

export function parseBook(name: string, field: string): BookName {
  const [, shelf, book] = BOOK.exec(name) ?? [];
  if (shelf === undefined || book === undefined) {
    throw invalid({ field, description: `expected shelves/{shelf}/books/{book}, got "${name}"` });
  }
  return { shelf, book };
}

/** Refuses an id that a caller chose and that could not stand in a name. */
export function checkId(id: string, field: string): void {
  if (!ID.test(id)) {
    throw invalid({ field, description: 'expected lower-case letters, digits and inner hyphens' });
  }
}

export function shelfName(shelf: string): string {
  return `shelves/${shelf}`;
}

export function bookName(shelf: string, book: string): string {
  return `shelves/${shelf}/books/${book}`;
}
