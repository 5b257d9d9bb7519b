/** The methods on shelves. */
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { unary } from './calls.ts';
import { invalid } from './errors.ts';
import { parseShelf } from './names.ts';
import { paginate } from './paging.ts';
import type { Store } from './store.ts';
import type { Shelf } from './types.ts';

interface ListShelvesRequest {
  readonly page_size: number;
  readonly page_token: string;
}

interface ListShelvesResponse {
  readonly shelves: readonly Shelf[];
  readonly next_page_token: string;
}

interface CreateShelfRequest {
  readonly shelf: Shelf | null;
  readonly shelf_id: string;
}

const MAX_THEME_LENGTH = 200;

export function shelfMethods(store: Store): UntypedServiceImplementation {
  return {
    ListShelves: unary((request: ListShelvesRequest) => listShelves(store, request)),
    CreateShelf: unary((request: CreateShelfRequest) => createShelf(store, request)),
    GetShelf: unary(({ name }: { readonly name: string }) => store.shelf(parseShelf(name, 'name'))),
    DeleteShelf: unary(({ name, force }: { readonly name: string; readonly force: boolean }) => {
      store.deleteShelf(parseShelf(name, 'name'), force);
      return {};
    }),
  };
}

function listShelves(
  store: Store,
  { page_size, page_token }: ListShelvesRequest,
): ListShelvesResponse {
  const page = { size: page_size, token: page_token };
  const fields = { sizeField: 'page_size', tokenField: 'page_token' };
  const { items, nextToken } = paginate(store.shelves(), { ...page, ...fields }, 'shelves');
  return { shelves: items, next_page_token: nextToken };
}

function createShelf(store: Store, { shelf, shelf_id }: CreateShelfRequest): Shelf {
  const theme = shelf?.theme ?? '';
  if (theme.trim() === '') {
    throw invalid({ field: 'shelf.theme', description: 'must not be empty' });
  }
  if (theme.length > MAX_THEME_LENGTH) {
    const description = `longer than ${MAX_THEME_LENGTH} characters`;
    throw invalid({ field: 'shelf.theme', description });
  }
  return store.createShelf(theme, shelf_id);
}
