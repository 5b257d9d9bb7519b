import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');
/** Everything that is downloaded or built, and the folders of runs. */
const CACHE = join(ROOT, '.cache/bench');
export const PROTO_FILE = 'bench/v1/shop.proto';
export const BENCH_PROTOS = join(ROOT, 'bench/protos');
/** google/api and google/protobuf. */
export const BUNDLED_PROTOS = join(ROOT, 'protos');

export function folder(...path: readonly string[]): string {
  const full = join(CACHE, ...path);
  mkdirSync(full, { recursive: true });
  return full;
}

/** The text of a file in bench/ with `${NAME}` filled in; a name without a value is an error. */
export function filled(path: string, values: Readonly<Record<string, string | number>>): string {
  const text = readFileSync(join(ROOT, 'bench', path), 'utf8');
  return text.replace(/^\s*#.*\n/gm, '').replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${path} wants ${name}`);
    return String(value);
  });
}
