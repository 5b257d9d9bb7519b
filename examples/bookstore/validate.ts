/** What a book must be before it is stored; every mistake is told at once. */
import { invalid, type Violation } from './errors.ts';
import type { Book } from './types.ts';

const MAX_TITLE_LENGTH = 500;
/** Of the whole book as JSON: with the bound on books, the bound on the demo's memory. */
const MAX_BOOK_LENGTH = 16 * 1024;
const ISBN = /^\d{13}$/;
const GENRES: readonly unknown[] = ['GENRE_UNSPECIFIED', 'NOVEL', 'POETRY', 'ESSAY', 'REFERENCE'];

/** Returns the book, or refuses it with INVALID_ARGUMENT. */
export function checkBook(book: Book): Book {
  const violations = [...titleViolations(book), ...valueViolations(book)];
  const { checksum, ...rest } = book;
  if (JSON.stringify(rest).length + checksum.length > MAX_BOOK_LENGTH) {
    violations.push({ field: 'book', description: `larger than ${MAX_BOOK_LENGTH} characters` });
  }
  if (violations.length > 0) throw invalid(...violations);
  return book;
}

function titleViolations({ title }: Book): Violation[] {
  if (title.trim() === '') return [{ field: 'book.title', description: 'must not be empty' }];
  if (title.length <= MAX_TITLE_LENGTH) return [];
  return [{ field: 'book.title', description: `longer than ${MAX_TITLE_LENGTH} characters` }];
}

function valueViolations(book: Book): Violation[] {
  const violations: Violation[] = [];
  if (book.isbn !== '' && !ISBN.test(book.isbn)) {
    violations.push({ field: 'book.isbn', description: 'expected thirteen digits' });
  }
  if (!GENRES.includes(book.genre)) {
    violations.push({ field: 'book.genre', description: `unknown genre ${book.genre}` });
  }
  if (book.page_count !== undefined && book.page_count < 0) {
    violations.push({ field: 'book.page_count', description: 'must not be negative' });
  }
  const rating = book.rating?.value ?? 0;
  if (!(rating >= 0 && rating <= 5)) {
    violations.push({ field: 'book.rating', description: 'must be between 0 and 5' });
  }
  return violations;
}
