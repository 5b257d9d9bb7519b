/** The google and grpc protos that come along with the package, in `protos/` beside `src/` or `dist/`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type protobuf from 'protobufjs';
import { SchemaError } from './error.ts';
import { parseProto } from './parse-proto.ts';

/** Only such names reach the file system: no `..`, no absolute path, whatever a schema calls its imports. */
const BUNDLED_NAME = /^(?:google|grpc)(?:\/[a-z0-9_]+)+\.proto$/;

const cache = new Map<string, string>();

/** The text of a bundled proto by its import name, as `google/api/http.proto`; undefined where it does not come along. */
export function bundledProto(name: string): string | undefined {
  if (!BUNDLED_NAME.test(name)) return undefined;
  const known = cache.get(name);
  if (known !== undefined) return known;
  const text = readOptional(fileURLToPath(new URL(`../../protos/${name}`, import.meta.url)));
  if (text !== undefined) cache.set(name, text);
  return text;
}

/** Adds bundled files and their imports to a root; names in `present` are there already, and what is added joins them. */
export function addBundled(
  root: protobuf.Root,
  names: readonly string[],
  present: Set<string> = new Set(),
): void {
  const waiting = [...names];
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    if (present.has(name)) continue;
    present.add(name);
    const text = bundledProto(name);
    if (text === undefined) {
      throw new SchemaError([{ message: 'does not come along with the gateway', file: name }]);
    }
    const parsed = parseProto(root, name, text);
    if ('message' in parsed) throw new SchemaError([parsed]);
    waiting.push(...parsed.imports);
  }
}

/** The text of a file; undefined where there is none. Other failures are thrown. */
export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown)) return undefined;
    throw thrown;
  }
}

function isMissing(thrown: unknown): boolean {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
