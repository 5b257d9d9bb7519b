/** Schemas are read where code generation is disallowed, and messages that the gateway reads itself are read as protobufjs would. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { loadSchema } from '../../../src/schema/load.ts';
import { OPTIONS, readMessage } from '../../../src/schema/read-message.ts';
import type { SchemaSource } from '../../../src/schema/source.ts';
import { dumpSchema } from '../../support/schema/dump.ts';
import { environment, richProtos, schemaDirectory } from '../../support/schema/load.ts';
import { filesOf, startReflection } from '../../support/schema/reflection-server.ts';

const RICH = `${schemaDirectory}/rich.binpb`;
const DUMP = fileURLToPath(new URL('../../support/schema/dump-process.ts', import.meta.url));

async function dumpWithoutCodegen(source: SchemaSource): Promise<unknown> {
  const flags = ['--disallow-code-generation-from-strings', '--conditions=polygate-source'];
  const args = [...flags, DUMP, JSON.stringify(source)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}

async function dumpHere(source: SchemaSource): Promise<unknown> {
  return JSON.parse(JSON.stringify(dumpSchema(await loadSchema(source, environment()))));
}

for (const source of [{ descriptorSet: 'rich.binpb' }, richProtos]) {
  test(`${Object.keys(source)[0]}: the same schema with code generation and without`, async () => {
    assert.deepEqual(await dumpWithoutCodegen(source), await dumpHere(source));
  });
}

test('reflection: the same schema with code generation and without', async () => {
  const server = await startReflection({ files: filesOf(RICH) });
  try {
    const source: SchemaSource = { reflection: true, address: server.address };
    assert.deepEqual(await dumpWithoutCodegen(source), await dumpHere(source));
  } finally {
    server.stop();
  }
});

test('a file descriptor is what protobufjs decodes, options apart', () => {
  const type = descriptor.FileDescriptorProto;
  for (const [name, bytes] of filesOf(RICH)) {
    // It names an edition that protobufjs does not know and passes over.
    if (name === 'google/protobuf/descriptor.proto') continue;
    const expected = type.toObject(type.decode(bytes)) as object;
    assert.deepEqual(ownOf(readMessage(type, bytes)), JSON.parse(JSON.stringify(expected)), name);
  }
});

test('a message that comes twice merges, a list grows, the last scalar wins, packed or not', () => {
  const type = descriptor.FileDescriptorProto;
  const writer = protobuf.Writer.create();
  // name twice, public_dependency packed and not, options.java_package and options.deprecated apart.
  writer.uint32(10).string('a').uint32(10).string('b');
  writer.uint32(80).int32(1).uint32(82).bytes(Uint8Array.of(2, 3));
  writer
    .uint32(66)
    .bytes(Uint8Array.of(10, 1, 0x70))
    .uint32(66)
    .bytes(Uint8Array.of(0xb8, 1, 1));
  assert.deepEqual(ownOf(readMessage(type, writer.finish())), {
    name: 'b',
    publicDependency: [1, 2, 3],
    options: { javaPackage: 'p', deprecated: true },
  });
});

test('refused: lengths beyond the end, fields across the end of a message, nesting without an end', () => {
  const type = descriptor.DescriptorProto;
  const refused = ['0a05', '0a', '1a0208', '1a020a0561', '0c', '07', '0b'];
  for (const hex of refused) {
    assert.throws(() => readMessage(type, Buffer.from(hex, 'hex')), Error, hex);
  }
  let nested = Buffer.alloc(0);
  for (let level = 0; level < 120; level++) {
    const { length } = nested;
    const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
    nested = Buffer.concat([Buffer.from([0x1a, ...size]), nested]);
  }
  assert.throws(() => readMessage(type, nested), /max depth/);
});

/** Without unknown fields, and the options where protobufjs has them. */
function ownOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ownOf);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return JSON.parse(JSON.stringify(value));
  const { $unknowns: _, [OPTIONS]: options, ...own } = value as ReturnType<typeof readMessage>;
  const entries = Object.entries(options === undefined ? own : { ...own, options });
  return Object.fromEntries(entries.map(([name, inner]) => [name, ownOf(inner)]));
}
