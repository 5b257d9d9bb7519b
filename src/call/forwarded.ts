/** What the gateway tells the service about the client's request, in every protocol alike. */
import type { Metadata } from './metadata.ts';
import type { RequestHead } from './types.ts';

/** Names that are written here and therefore not taken from the client; `x-forwarded-for` goes on where it was. */
export const FORWARDED_NAMES: ReadonlySet<string> = new Set([
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

export function addForwarded(metadata: Metadata, head: RequestHead): void {
  const before = head.header('x-forwarded-for');
  metadata.append('x-forwarded-for', before ? `${before}, ${head.peer}` : head.peer);
  metadata.append('x-forwarded-host', head.authority);
  metadata.append('x-forwarded-proto', head.scheme);
}
