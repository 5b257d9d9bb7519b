/** The types that every schema may meet without importing them: error details, well-known types, HttpBody. */
import { buildSchema } from './build.ts';
import { addBundled } from './bundled.ts';
import { newRoot } from './collected.ts';
import type { Collected } from './collected.ts';
import { descriptorFiles } from './files.ts';
import type { Schema } from './model.ts';

const FILES: readonly string[] = [
  'google/api/httpbody.proto',
  'google/protobuf/any.proto',
  'google/protobuf/duration.proto',
  'google/protobuf/empty.proto',
  'google/protobuf/field_mask.proto',
  'google/protobuf/struct.proto',
  'google/protobuf/timestamp.proto',
  'google/protobuf/wrappers.proto',
  'google/rpc/code.proto',
  'google/rpc/error_details.proto',
  'google/rpc/status.proto',
];

let cached: Schema | undefined;

/** Built at the first call, from files that come along. It has no services. */
export function builtinSchema(): Schema {
  cached ??= buildSchema(collectBundled(FILES, false), undefined);
  return cached;
}

/** Bundled files with their services. */
export function bundledSchema(names: readonly string[]): Schema {
  return buildSchema(collectBundled(names, true), undefined);
}

/** Bundled files and all that they import. */
function collectBundled(names: readonly string[], services: boolean): Collected {
  const root = newRoot();
  const present = new Set<string>();
  addBundled(root, names, present);
  return {
    root,
    annotations: new Map(),
    missing: [],
    exposes: () => services,
    locate: (file) => ({ file }),
    searched: 'the files that come along',
    files: descriptorFiles(new Map(), present),
    problems: [],
    warnings: [],
  };
}
