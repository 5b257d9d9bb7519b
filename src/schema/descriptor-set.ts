/** A binary google.protobuf.FileDescriptorSet on disk. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import protobuf from 'protobufjs';
import { bundledProto } from './bundled.ts';
import type { Collected } from './collected.ts';
import { collectDescriptors, decodeFile } from './descriptors.ts';
import type { DescriptorFile } from './descriptors.ts';
import { reasonOf, SchemaError } from './error.ts';
import type { DescriptorSetSource } from './source.ts';

/** Reads the set; a relative path starts at `directory`. */
export function collectDescriptorSet(source: DescriptorSetSource, directory: string): Collected {
  const path = source.descriptorSet;
  const files = readSet(path, readBytes(path, directory));
  const imported = new Set([...files.values()].flatMap((file) => file.imports));
  return collectDescriptors({
    origin: path,
    files,
    searched: `${path} (write it with all imports: "buf build", or "protoc --include_imports")`,
    warnings: [],
    // The operator's own file.
    maxDeclarations: Infinity,
    // As with .proto files: what came along for its types, as google/longrunning/operations.proto, is not served for it.
    exposes: (_service, file) => !(imported.has(file) && bundledProto(file) !== undefined),
  });
}

function readBytes(path: string, directory: string): Uint8Array {
  try {
    return readFileSync(resolve(directory, path));
  } catch (thrown) {
    const message = `the descriptor set cannot be read: ${reasonOf(thrown)}`;
    throw new SchemaError([{ message, file: path }], { cause: thrown });
  }
}

/** FileDescriptorSet.file. */
const FILE_TAG = (1 << 3) | 2;

/** The files of a set, the first of each name. Sets may be concatenated, so that names come twice. */
function readSet(path: string, bytes: Uint8Array): ReadonlyMap<string, DescriptorFile> {
  const files = new Map<string, DescriptorFile>();
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag !== FILE_TAG) {
        reader.skipType(tag & 7);
        continue;
      }
      const file = decodeFile(reader.bytes());
      if (!files.has(file.name)) files.set(file.name, file);
    }
  } catch (thrown) {
    const after = files.size === 0 ? '' : ` after ${files.size} files`;
    const message = `no FileDescriptorSet${after}: ${reasonOf(thrown)}${guess(bytes)}`;
    throw new SchemaError([{ message, file: path }], { cause: thrown });
  }
  if (files.size === 0) {
    const message = `no FileDescriptorSet: it holds no file${guess(bytes)}`;
    throw new SchemaError([{ message, file: path }]);
  }
  return files;
}

/** What the file may be instead. */
function guess(bytes: Uint8Array): string {
  if (bytes.length === 0) return '; it is empty';
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return '; it is compressed with gzip';
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  if (start.trimStart().startsWith('{')) return '; it looks like JSON, expected the binary form';
  return /^\s*(?:syntax|edition|package|\/\/)/.test(start)
    ? '; it looks like a .proto file, which belongs into "protos"'
    : '';
}
