/** Partial updates as AIP-134 and field_mask.proto describe them. */
import { invalid } from './errors.ts';
import { BLANK_BOOK } from './records.ts';
import type { Book } from './types.ts';

/** What callers may change, and the parts of those fields that a path may name. */
const SETTABLE: Readonly<Record<string, readonly string[]>> = {
  title: [],
  subtitle: [],
  authors: [],
  isbn: [],
  genre: [],
  page_count: [],
  publish_time: [],
  reading_time: [],
  copies_sold: [],
  rating: [],
  tags: [],
  labels: [],
  chapters: [],
  print: ['binding', 'weight_kg'],
  ebook: ['size_bytes', 'file_format'],
  checksum: [],
};
/** Set by the store; in a mask they are passed over (AIP-203 "Output only"). */
const OUTPUT_ONLY: readonly string[] = ['name', 'state', 'revision', 'create_time', 'update_time'];

type Fields = Readonly<Record<string, unknown>>;

/** `book` with the fields of `patch` that `paths` name; a named field that `patch` leaves out is cleared. */
export function applyMask(book: Book, patch: Book, paths: readonly string[]): Book {
  const changed: Record<string, unknown> = { ...book };
  for (const path of expand(paths, patch)) setPath(changed, patch, path);
  return changed as unknown as Book;
}

function expand(paths: readonly string[], patch: Book): readonly string[] {
  if (paths.includes('*')) return Object.keys(SETTABLE);
  if (paths.length > 0) return paths;
  return Object.keys(SETTABLE).filter((field) => isSet(patch, field));
}

function setPath(target: Record<string, unknown>, patch: Book, path: string): void {
  const [field = '', part, ...rest] = path.split('.');
  if (OUTPUT_ONLY.includes(field)) return;
  const parts = SETTABLE[field];
  if (parts === undefined || rest.length > 0 || (part !== undefined && !parts.includes(part))) {
    throw invalid({ field: 'update_mask', description: `no changeable field "${path}"` });
  }
  const value = valueOf(patch, field);
  if (part === undefined) {
    // A full replacement names both members of the oneof: the one that is absent must not clear the one that is set.
    if (value === undefined) delete target[field];
    else target[field] = value;
  } else {
    target[field] = { ...asFields(target[field]), [part]: asFields(value)[part] };
  }
  if (target[field] !== undefined && field === 'print') delete target['ebook'];
  if (target[field] !== undefined && field === 'ebook') delete target['print'];
}

function isSet(patch: Book, field: string): boolean {
  const value = valueOf(patch, field);
  if (value === null || value === undefined) return false;
  if (value instanceof Uint8Array || Array.isArray(value)) return value.length > 0;
  if (field === 'labels' || field === 'chapters') return Object.keys(value).length > 0;
  // An optional field is set when it is there at all, also as 0.
  return field === 'page_count' || value !== valueOf(BLANK_BOOK, field);
}

function valueOf(book: Book, field: string): unknown {
  return (book as unknown as Fields)[field];
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
