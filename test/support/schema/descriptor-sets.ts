/** FileDescriptorSets that other compilers have written, file by file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import protobuf from 'protobufjs';
import { schemaDirectory } from './load.ts';

/** The bytes of each file of a set, as they stand there. `set` is below the folder of this one. */
export function descriptorsIn(set: string): Map<string, Uint8Array> {
  const reader = protobuf.Reader.create(readFileSync(join(schemaDirectory, set)));
  const files = new Map<string, Uint8Array>();
  while (reader.pos < reader.len) {
    reader.uint32();
    const bytes = reader.bytes();
    files.set(fromBinary(FileDescriptorProtoSchema, bytes).name, Uint8Array.from(bytes));
  }
  return files;
}
