/** The methods on books that have one request and one answer. */
import { type handleUnaryCall, Metadata, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { unary } from './calls.ts';
import { failedPrecondition, invalid, toStatus } from './errors.ts';
import { applyMask } from './mask.ts';
import { ANY_SHELF, parseBook, parseShelf } from './names.ts';
import { matches, paginate, sortBooks } from './paging.ts';
import type { Store } from './store.ts';
import type { Book, ListBooksRequest, ListBooksResponse, Review } from './types.ts';
import { checkBook } from './validate.ts';

interface Named {
  readonly name: string;
}

interface GetBookRequest {
  readonly name?: string;
  readonly isbn?: string;
}

interface CreateBookRequest {
  readonly parent: string;
  readonly book: Book | null;
  readonly book_id: string;
}

interface UpdateBookRequest {
  readonly book: Book | null;
  readonly update_mask: { readonly paths: readonly string[] } | null;
}

interface ReviewList {
  readonly reviews: readonly Review[];
  readonly average_stars: number;
}

export function bookMethods(store: Store): UntypedServiceImplementation {
  return {
    ListBooks: unary((request: ListBooksRequest) => listBooks(store, request)),
    CreateBook: unary(({ parent, book, book_id }: CreateBookRequest) =>
      store.createBook(parseShelf(parent, 'parent'), checkBook(given(book)), book_id),
    ),
    GetBook: withRevision((request: GetBookRequest) => getBook(store, request)),
    UpdateBook: unary((request: UpdateBookRequest) => updateBook(store, request)),
    DeleteBook: unary(({ name }: Named) => {
      store.deleteBook(name);
      return {};
    }),
    ArchiveBook: unary(({ name, reason }: Named & { readonly reason: string }) =>
      archiveBook(store, name, reason),
    ),
    MoveBook: unary(({ name, destination }: Named & { readonly destination: string }) =>
      store.moveBook(name, parseShelf(destination, 'destination')),
    ),
    ListReviews: unary(({ name }: Named) => listReviews(store, name)),
  };
}

/** Also tells the revision as metadata, so that callers see an answer with some. */
function withRevision(
  method: (request: GetBookRequest) => Book,
): handleUnaryCall<GetBookRequest, Book> {
  return (call, callback) => {
    try {
      const book = method(call.request);
      const head = new Metadata();
      head.set('bookstore-revision', book.revision);
      call.sendMetadata(head);
      callback(null, book);
    } catch (error) {
      callback(toStatus(error));
    }
  };
}

function getBook(store: Store, { name, isbn }: GetBookRequest): Book {
  if (isbn !== undefined) return store.bookByIsbn(isbn);
  if (name !== undefined) return store.book(name);
  throw invalid({ field: 'key', description: 'expected a name or an isbn' });
}

function listBooks(
  store: Store,
  { parent, page, filter, order }: ListBooksRequest,
): ListBooksResponse {
  const shelf = parseShelf(parent, 'parent');
  const books = store.books(shelf === ANY_SHELF ? null : shelf);
  const found = sortBooks(
    books.filter((book) => matches(book, filter)),
    order,
  );
  const { items, nextToken } = paginate(
    found,
    {
      size: page?.size ?? 0,
      token: page?.token ?? '',
      sizeField: 'page.size',
      tokenField: 'page.token',
    },
    [parent, filter, order],
  );
  return { books: items, next_page_token: nextToken, total_size: found.length };
}

function updateBook(store: Store, { book, update_mask }: UpdateBookRequest): Book {
  const patch = given(book);
  parseBook(patch.name, 'book.name');
  return store.updateBook(patch.name, patch.revision, (before) =>
    checkBook(applyMask(before, patch, update_mask?.paths ?? [])),
  );
}

function archiveBook(store: Store, name: string, reason: string): Book {
  return store.updateBook(name, '0', (book) => {
    if (book.state === 'ARCHIVED') {
      throw failedPrecondition('ALREADY_ARCHIVED', name, `${name} is archived already`);
    }
    const labels = reason === '' ? book.labels : { ...book.labels, archive_reason: reason };
    return checkBook({ ...book, state: 'ARCHIVED', labels });
  });
}

function listReviews(store: Store, name: string): ReviewList {
  const reviews = store.reviews(name);
  const stars = reviews.reduce((sum, review) => sum + review.stars, 0);
  return { reviews, average_stars: reviews.length === 0 ? 0 : stars / reviews.length };
}

function given(book: Book | null): Book {
  if (book === null) throw invalid({ field: 'book', description: 'is missing' });
  return book;
}
