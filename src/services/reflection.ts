/** Server reflection for clients that come without a schema: what is routed here, whatever it is served by. Source: grpc/reflection/v1/reflection.proto. */
import type { Reply, Routed } from '../call/types.ts';
import type { SchemaFiles } from '../schema/model.ts';
import { type FileIndex, type IndexedFile, indexFiles } from './file-index.ts';
import { streamReply } from './local-stream.ts';
import { ownSchema } from './own-schema.ts';
import { type Answer, type Question, readRequest, writeResponse } from './reflection-wire.ts';
import type { LocalMethod } from './types.ts';

export interface ReflectionOptions {
  /** Full names of what is listed. */
  readonly services: readonly string[];
  /** The files of the routed upstreams, in the order of their routes. */
  readonly schemas: readonly SchemaFiles[];
}

export const REFLECTION_SERVICES: readonly string[] = [
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

/** The index is made when the first question comes, once. */
export function createReflection({ services, schemas }: ReflectionOptions): LocalMethod[] {
  let index: Promise<FileIndex> | undefined;
  const load = (): Promise<FileIndex> =>
    (index ??= indexFiles([...schemas, ownSchema().files], new Set(services)));
  const listed = [...services].toSorted();
  return REFLECTION_SERVICES.map((service) => ({
    service,
    path: `/${service}/ServerReflectionInfo`,
    mayBeSilent: false,
    handle: async (call) => converse(call, listed, load),
  }));
}

/** Below the 4 MB that gRPC clients take: a client asks for the rest by name. */
const MAX_FILES_BYTES = 3_500_000;

/** One request is read, and one answered, at a time. */
function converse(
  call: Routed,
  services: readonly string[],
  load: () => Promise<FileIndex>,
): Reply {
  const sent = new Set<IndexedFile>();
  const next = async (): Promise<Uint8Array | undefined> => {
    const message = await call.body.next();
    if (message === undefined) return undefined;
    const { host, question } = readRequest(message.bytes);
    const answer =
      question.kind === 'services' ? { services } : answerOf(question, await load(), sent);
    return writeResponse(host, message.bytes, answer);
  };
  return streamReply(call, next, (reason) => call.body.cancel(reason));
}

function answerOf(
  question: Exclude<Question, { kind: 'services' }>,
  index: FileIndex,
  sent: Set<IndexedFile>,
): Answer {
  switch (question.kind) {
    case 'none':
      return { code: 'INVALID_ARGUMENT', message: 'the request has no question' };
    case 'file':
      return filesOf(index.file(question.name), `file ${question.name}`, index, sent);
    case 'symbol':
      return filesOf(index.symbol(question.name), `symbol ${question.name}`, index, sent);
    case 'extension': {
      const { name, number } = question;
      return filesOf(index.extension(name, number), `extension ${number} of ${name}`, index, sent);
    }
    case 'extensionNumbers': {
      const numbers = index.extensionNumbers(question.name);
      if (numbers === undefined) return missing(`type ${question.name}`, index);
      return { type: question.name, numbers };
    }
  }
}

/** The file that was asked for, in any case, and those of its imports that this stream has not had. */
function filesOf(
  file: IndexedFile | undefined,
  asked: string,
  index: FileIndex,
  sent: Set<IndexedFile>,
): Answer {
  if (file === undefined) return missing(asked, index);
  const files = [file.bytes];
  let bytes = file.bytes.length;
  sent.add(file);
  const waiting = [...file.dependencies];
  const seen = new Set<IndexedFile>([file]);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...next.dependencies);
    if (sent.has(next) || bytes + next.bytes.length > MAX_FILES_BYTES) continue;
    sent.add(next);
    files.push(next.bytes);
    bytes += next.bytes.length;
  }
  return { files };
}

function missing(asked: string, { problems }: FileIndex): Answer {
  const [problem] = problems;
  const reason = problem === undefined ? '' : ` (${problem.slice(0, 300)})`;
  return { code: 'NOT_FOUND', message: `there is no ${asked.slice(0, 200)}${reason}` };
}
