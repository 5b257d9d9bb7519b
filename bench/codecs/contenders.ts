/** Who is measured. Each gets bytes and gives bytes, since that is what a gateway has and needs. */
import {
  createFileRegistry,
  fromBinary,
  fromJsonString,
  toBinary,
  toJsonString,
} from '@bufbuild/protobuf';
import type { DescMessage, Registry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { jsonReader } from '../../src/codecs/proto-json/from-json/read-json.ts';
import { layoutOf } from '../../src/codecs/proto-json/layout.ts';
import { Output } from '../../src/codecs/proto-json/output.ts';
import { jsonWriter } from '../../src/codecs/proto-json/to-json/write.ts';
import { runtimeOf } from '../../test/support/runtime.ts';
import type { MessageModel } from '../../src/schema/model.ts';

export type Name =
  | 'ours, compiled'
  | 'ours, interpreted'
  | 'protobufjs objects'
  | 'protobufjs protojson'
  | '@bufbuild/protobuf';

export interface Contender {
  readonly name: Name;
  /** Bytes of one message to those of the other form. Ours are a part of a buffer that the next call writes into, as on a connection. */
  readonly run: (bytes: Buffer) => Uint8Array;
}

const JSON_OPTIONS = {
  emitDefaults: false,
  enumsAsNumbers: false,
  protoNames: false,
  int64: 'string',
  anyLayout: () => undefined,
} as const;
const READ_OPTIONS = {
  ignoreUnknown: false,
  caseInsensitiveEnums: false,
  maxDepth: 100,
  types: null,
};
const MODES = ['compiled', 'interpreted'] as const;

/** Protobuf to JSON. */
export function responseSide(
  model: MessageModel,
  desc: DescMessage,
  registry: Registry,
): Contender[] {
  const runtime = runtimeOf(model);
  const ours = MODES.map((mode): Contender => {
    const write = jsonWriter(layoutOf(model), JSON_OPTIONS, mode);
    const out = new Output();
    const run: Contender['run'] = (bytes) => {
      out.pos = 0;
      write(bytes, out);
      return out.buf.subarray(0, out.pos);
    };
    return { name: `ours, ${mode}`, run };
  });
  return [
    ...ours,
    {
      name: 'protobufjs objects',
      run: (bytes) => Buffer.from(JSON.stringify(toPlain(runtime, bytes))),
    },
    {
      name: 'protobufjs protojson',
      run: (bytes) => Buffer.from(protojson.toJsonString(runtime, runtime.decode(bytes))),
    },
    {
      name: '@bufbuild/protobuf',
      run: (bytes) => Buffer.from(toJsonString(desc, fromBinary(desc, bytes), { registry })),
    },
  ];
}

/** JSON to protobuf. */
export function requestSide(
  model: MessageModel,
  desc: DescMessage,
  registry: Registry,
): Contender[] {
  const runtime = runtimeOf(model);
  const ours = MODES.map((mode): Contender => {
    const read = jsonReader(layoutOf(model), mode);
    const out = new Output();
    const run: Contender['run'] = (bytes) => {
      out.pos = 0;
      read(bytes, out, READ_OPTIONS);
      return out.buf.subarray(0, out.pos);
    };
    return { name: `ours, ${mode}`, run };
  });
  return [
    ...ours,
    { name: 'protobufjs objects', run: (bytes) => fromPlain(runtime, bytes) },
    {
      name: 'protobufjs protojson',
      run: (bytes) =>
        runtime.encode(protojson.fromJsonString(runtime, bytes.toString('utf8'))).finish(),
    },
    {
      name: '@bufbuild/protobuf',
      run: (bytes) => toBinary(desc, fromJsonString(desc, bytes.toString('utf8'), { registry })),
    },
  ];
}

/** All types of a serialized FileDescriptorSet. */
export function registryOf(set: Uint8Array): ReturnType<typeof createFileRegistry> {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
}

interface Stamp {
  readonly seconds: string;
  readonly nanos?: number;
}

interface Plain {
  created?: string | Stamp;
  readonly orders?: readonly Plain[];
}

const TO_OBJECT = { longs: String, enums: String, bytes: String, json: true } as const;

/** What toObject leaves to its caller is done by hand: it knows no Timestamp. */
function toPlain(runtime: protobuf.Type, bytes: Buffer): Plain {
  const plain = runtime.toObject(runtime.decode(bytes), TO_OBJECT) as Plain;
  formatStamps(plain);
  return plain;
}

function formatStamps(plain: Plain): void {
  if (typeof plain.created === 'object') {
    const { seconds, nanos = 0 } = plain.created;
    plain.created = new Date(Number(seconds) * 1000 + nanos / 1e6).toISOString();
  }
  if (plain.orders !== undefined) for (const order of plain.orders) formatStamps(order);
}

function fromPlain(runtime: protobuf.Type, bytes: Buffer): Uint8Array {
  const plain = JSON.parse(bytes.toString('utf8')) as Plain;
  parseStamps(plain);
  return runtime.encode(runtime.fromObject(plain)).finish();
}

function parseStamps(plain: Plain): void {
  if (typeof plain.created === 'string') {
    const ms = Date.parse(plain.created);
    plain.created = {
      seconds: String(Math.floor(ms / 1000)),
      nanos: (ms - Math.floor(ms / 1000) * 1000) * 1e6,
    };
  }
  if (plain.orders !== undefined) for (const order of plain.orders) parseStamps(order);
}
