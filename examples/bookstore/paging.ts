/** Filter, order and pages of lists (AIP-132, AIP-158, AIP-160 in the shape of messages). */
import { createHash } from 'node:crypto';
import { invalid } from './errors.ts';
import { toMs } from './time.ts';
import type { Book, BookFilter, BookOrder } from './types.ts';

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}

export interface PageArguments {
  readonly size: number;
  readonly token: string;
  /** Where size and token stand in the request, for refusals. */
  readonly sizeField: string;
  readonly tokenField: string;
}

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;

/**
 * One page of `items`. A token is the offset with a hash of `question`, since it may only be used again with the same question
 * (AIP-158).
 */
export function paginate<T>(
  items: readonly T[],
  { size, token, sizeField, tokenField }: PageArguments,
  question: unknown,
): Page<T> {
  if (size < 0) throw invalid({ field: sizeField, description: 'must not be negative' });
  const count = Math.min(size === 0 ? DEFAULT_SIZE : size, MAX_SIZE);
  const hash = createHash('sha256')
    .update(JSON.stringify(question))
    .digest('base64url')
    .slice(0, 6);
  const start = token === '' ? 0 : readToken(token, hash);
  if (start === undefined) {
    throw invalid({ field: tokenField, description: 'not a token of this list' });
  }
  const end = start + count;
  return {
    items: items.slice(start, end),
    nextToken: end < items.length ? `${end}-${hash}` : '',
  };
}

/** Whether a book meets every part of the filter that is set. */
export function matches(book: Book, filter: BookFilter | null): boolean {
  if (filter === null) return true;
  const { genres, author, published_after, min_rating, labels, state } = filter;
  return (
    (genres.length === 0 || genres.includes(book.genre)) &&
    (author === '' || hasAuthor(book, author)) &&
    (published_after === null ||
      (book.publish_time !== null && toMs(book.publish_time) > toMs(published_after))) &&
    (min_rating === null || (book.rating?.value ?? 0) >= min_rating.value) &&
    Object.entries(labels).every(([key, value]) => book.labels[key] === value) &&
    (state === 'STATE_UNSPECIFIED' || state === book.state)
  );
}

/** The books in the order asked for; equal ones stay as they were. */
export function sortBooks(books: readonly Book[], order: BookOrder | null): readonly Book[] {
  if (order === null || order.field === 'FIELD_UNSPECIFIED') return books;
  const sign = order.descending ? -1 : 1;
  return [...books].sort((a, b) => sign * compare(a, b, order.field));
}

function compare(a: Book, b: Book, field: BookOrder['field']): number {
  switch (field) {
    case 'TITLE':
      return a.title < b.title ? -1 : Number(a.title > b.title);
    case 'PUBLISH_TIME':
      return toMs(a.publish_time) - toMs(b.publish_time);
    case 'COPIES_SOLD':
      return Number(BigInt(a.copies_sold) - BigInt(b.copies_sold));
    default:
      throw invalid({ field: 'order.field', description: `unknown field ${field}` });
  }
}

function hasAuthor(book: Book, part: string): boolean {
  const wanted = part.toLowerCase();
  return book.authors.some(({ given_name, family_name }) =>
    `${given_name} ${family_name}`.toLowerCase().includes(wanted),
  );
}

function readToken(token: string, hash: string): number | undefined {
  const [, offset] = /^(\d{1,9})-([\w-]{6})$/.exec(token) ?? [];
  return offset !== undefined && token === `${offset}-${hash}` ? Number(offset) : undefined;
}
