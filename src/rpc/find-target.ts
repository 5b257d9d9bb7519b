/** The method that a path names, for a verb that may call it. */
import { GatewayError } from '../call/error.ts';
import type { RequestHead } from '../call/types.ts';
import type { RpcTable } from '../routing/rpc-table.ts';
import type { RpcTarget } from './target.ts';

export function findTarget(table: RpcTable<RpcTarget>, { path }: RequestHead): RpcTarget {
  const target = table.match(path);
  if (target !== undefined) return target;
  throw new GatewayError('PG_METHOD_NOT_FOUND', `no method ${path.slice(0, 200)}`);
}

export function checkPost({ verb }: RequestHead): void {
  if (verb === 'POST') return;
  throw new GatewayError('PG_METHOD_NOT_ALLOWED', 'this protocol makes its calls by POST', {
    allow: ['POST'],
  });
}

export function unsupportedType(head: RequestHead, expected: string): GatewayError {
  const type = JSON.stringify((head.header('content-type') ?? '').slice(0, 80));
  return new GatewayError('PG_UNSUPPORTED_MEDIA_TYPE', `Content-Type is ${type}: send ${expected}`);
}
