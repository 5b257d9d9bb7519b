/** What the scalar types of descriptor.proto have in common. */
import type { ScalarType } from '../schema/model.ts';

const INTEGERS: ReadonlySet<ScalarType> = new Set<ScalarType>([
  'int64',
  'uint64',
  'sint64',
  'fixed64',
  'sfixed64',
  'int32',
  'uint32',
  'sint32',
  'fixed32',
  'sfixed32',
]);
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

export function isInteger(scalar: ScalarType): boolean {
  return INTEGERS.has(scalar);
}

/** Base64 of the standard or the URL-safe alphabet, padded or not, of a length that bytes can have. */
export function isBase64(text: string): boolean {
  return BASE64.test(text) && text.replace(/=+$/, '').length % 4 !== 1;
}
