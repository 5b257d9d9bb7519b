/**
 * A reflection server on grpc-js that answers as a script says: honestly from a set, or with whatever lie a test needs. It encodes its answers
 * by hand, so that it shares no code with the client under test.
 */
import { readFileSync } from 'node:fs';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

export type Version = 'v1' | 'v1alpha';

/** A question as it arrived. */
export interface Question {
  readonly kind: 'list' | 'symbol' | 'filename' | 'other';
  readonly text: string;
}

export type Answer =
  | { readonly services: readonly string[] }
  | { readonly files: readonly Uint8Array[] }
  | { readonly error: number; readonly message: string }
  | { readonly raw: Uint8Array }
  /** Ends the call with this status. */
  | { readonly status: number }
  /** Ends the call without an answer. */
  | { readonly end: true }
  /** Cuts every connection. */
  | { readonly die: true }
  | { readonly silence: true };

export interface ReflectionScript {
  /** By file name; the honest answers come from here. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Default: v1 and v1alpha. */
  readonly versions?: readonly Version[];
  /** Overrides the honest answer. */
  readonly answer?: (question: Question, count: number) => Answer | undefined;
  readonly address?: string;
}

export interface RunningReflection {
  readonly address: string;
  readonly questions: readonly Question[];
  /** The version of each call. */
  readonly calls: readonly Version[];
  /** Metadata values of the calls by name. */
  readonly metadata: (name: string) => string[];
  stop(): void;
}

/** Starts on 127.0.0.1, on a free port unless the script has an address. */
export async function startReflection(script: ReflectionScript): Promise<RunningReflection> {
  const server = new Server();
  const questions: Question[] = [];
  const calls: Version[] = [];
  const heads: { get(name: string): unknown[] }[] = [];
  for (const version of script.versions ?? (['v1', 'v1alpha'] as const)) {
    const handler = (call: ServerDuplexStream<Buffer, Buffer>): void => {
      calls.push(version);
      heads.push(call.metadata);
      call.on('data', (bytes: Buffer) => {
        const question = readQuestion(bytes);
        questions.push(question);
        const answer =
          script.answer?.(question, questions.length) ?? honest(question, script.files);
        reply(server, call, answer);
      });
      call.on('end', () => call.end());
      call.on('error', () => call.end());
    };
    server.register(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      handler,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      'bidi',
    );
  }
  const port = await new Promise<number>((resolve, reject) => {
    const address = script.address ?? '127.0.0.1:0';
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${port}`,
    questions,
    calls,
    metadata: (name) => heads.flatMap((head) => head.get(name).map(String)),
    stop: () => server.forceShutdown(),
  };
}

function reply(server: Server, call: ServerDuplexStream<Buffer, Buffer>, answer: Answer): void {
  if ('silence' in answer) return;
  if ('end' in answer) call.end();
  else if ('die' in answer) server.forceShutdown();
  else if ('status' in answer) call.emit('error', { code: answer.status, details: 'as scripted' });
  else call.write(Buffer.from(encodeAnswer(answer)));
}

function honest(question: Question, files: ReadonlyMap<string, Uint8Array> = new Map()): Answer {
  switch (question.kind) {
    case 'list':
      return { services: ['grpc.reflection.v1.ServerReflection', ...servicesOf(files).keys()] };
    case 'symbol': {
      const file = servicesOf(files).get(question.text);
      return file === undefined ? notFound(question) : { files: [file] };
    }
    case 'filename': {
      const file = files.get(question.text);
      return file === undefined ? notFound(question) : { files: [file] };
    }
    case 'other':
      return { error: status.UNIMPLEMENTED, message: 'not scripted' };
  }
}

function notFound(question: Question): Answer {
  return { error: status.NOT_FOUND, message: `no ${question.text}` };
}

/** Services of files that no other file imports: what a server would register. */
function servicesOf(files: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  const decoded = [...files.values()].map((bytes) => ({ bytes, file: decode(bytes) }));
  const imported = new Set(decoded.flatMap(({ file }) => file.dependency ?? []));
  const services = new Map<string, Uint8Array>();
  for (const { bytes, file } of decoded) {
    if (imported.has(file.name ?? '')) continue;
    for (const service of file.service ?? []) {
      services.set(`${file.package === undefined ? '' : `${file.package}.`}${service.name}`, bytes);
    }
  }
  return services;
}

interface DecodedFile {
  readonly name?: string;
  readonly package?: string;
  readonly dependency?: readonly string[];
  readonly service?: readonly { readonly name?: string }[];
}

function decode(bytes: Uint8Array): DecodedFile {
  return descriptor.FileDescriptorProto.toObject(descriptor.FileDescriptorProto.decode(bytes));
}

/** The files of a descriptor set on disk, by name, as they are in it. */
export function filesOf(path: string): Map<string, Uint8Array> {
  const reader = protobuf.Reader.create(readFileSync(path));
  const files = new Map<string, Uint8Array>();
  while (reader.pos < reader.len) {
    reader.uint32();
    const bytes = reader.bytes();
    files.set(decode(bytes).name ?? '', bytes);
  }
  return files;
}

/** A FileDescriptorSet of these files. */
export function joinSet(files: readonly Uint8Array[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const file of files) writer.uint32(10).bytes(file);
  return writer.finish();
}

/** A FileDescriptorProto, by the JSON names of descriptor.proto. */
export function fileBytes(file: object): Uint8Array {
  const type = descriptor.FileDescriptorProto;
  return type.encode(type.fromObject(file)).finish();
}

function readQuestion(bytes: Buffer): Question {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const kind = KINDS.get(tag >>> 3);
    if (kind !== undefined) return { kind, text: reader.string() };
    reader.skipType(tag & 7);
  }
  return { kind: 'other', text: '' };
}

/** ServerReflectionRequest, by field number. */
const KINDS: ReadonlyMap<number, Question['kind']> = new Map([
  [3, 'filename'],
  [4, 'symbol'],
  [7, 'list'],
]);

/** ServerReflectionResponse: 4 files, 6 services, 7 error. */
function encodeAnswer(
  answer: Extract<
    Answer,
    { services: unknown } | { files: unknown } | { error: unknown } | { raw: unknown }
  >,
): Uint8Array {
  if ('raw' in answer) return answer.raw;
  const inner = protobuf.Writer.create();
  if ('services' in answer) {
    for (const name of answer.services) {
      inner.uint32(10).bytes(protobuf.Writer.create().uint32(10).string(name).finish());
    }
    return protobuf.Writer.create().uint32(50).bytes(inner.finish()).finish();
  }
  if ('files' in answer) {
    for (const file of answer.files) inner.uint32(10).bytes(file);
    return protobuf.Writer.create().uint32(34).bytes(inner.finish()).finish();
  }
  inner.uint32(8).int32(answer.error).uint32(18).string(answer.message);
  return protobuf.Writer.create().uint32(58).bytes(inner.finish()).finish();
}
