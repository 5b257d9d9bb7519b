/** ServerReflectionRequest and ServerReflectionResponse on the wire; v1 and v1alpha are the same. Source: grpc/reflection/v1/reflection.proto. */
import protobuf from 'protobufjs';
import { GatewayError } from '../call/error.ts';
import { type StatusCode, statusNumber } from '../call/status.ts';
import { joinBytes, lengthDelimited, varint } from '../lib/protobuf-wire.ts';

/** ServerReflectionRequest.message_request. */
export type Question =
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'extension'; readonly name: string; readonly number: number }
  | { readonly kind: 'extensionNumbers'; readonly name: string }
  | { readonly kind: 'services' }
  | { readonly kind: 'none' };

export interface ReflectionRequest {
  readonly host: string;
  readonly question: Question;
}

/** ServerReflectionResponse.message_response. */
export type Answer =
  | { readonly files: readonly Uint8Array[] }
  | { readonly type: string; readonly numbers: readonly number[] }
  | { readonly services: readonly string[] }
  | { readonly code: StatusCode; readonly message: string };

/** The last question counts, as with every oneof. Throws a {@link GatewayError} for bytes that are no message. */
export function readRequest(bytes: Uint8Array): ReflectionRequest {
  let host = '';
  let question: Question = { kind: 'none' };
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === tagOf(1)) host = reader.string();
      else question = readQuestion(tag, reader) ?? question;
    }
  } catch (cause) {
    throw unreadable(cause);
  }
  return { host, question };
}

/** `request` is echoed as it came. */
export function writeResponse(host: string, request: Uint8Array, answer: Answer): Uint8Array {
  return joinBytes([
    ...(host === '' ? [] : text(1, host)),
    ...lengthDelimited(2, [request]),
    ...writeAnswer(answer),
  ]);
}

const DELIMITED = 2;
const UTF8 = new TextEncoder();

function tagOf(field: number): number {
  return field * 8 + DELIMITED;
}

function readQuestion(tag: number, reader: protobuf.Reader): Question | undefined {
  switch (tag) {
    case tagOf(3):
      return { kind: 'file', name: reader.string() };
    case tagOf(4):
      return { kind: 'symbol', name: reader.string() };
    case tagOf(5):
      return readExtension(reader.bytes());
    case tagOf(6):
      return { kind: 'extensionNumbers', name: reader.string() };
    case tagOf(7):
      reader.string();
      return { kind: 'services' };
    default:
      reader.skipType(tag & 7);
      return undefined;
  }
}

/** ExtensionRequest. */
function readExtension(bytes: Uint8Array): Question {
  const reader = protobuf.Reader.create(bytes);
  let name = '';
  let number = 0;
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === tagOf(1)) name = reader.string();
    else if (tag === 2 * 8) number = reader.int32();
    else reader.skipType(tag & 7);
  }
  return { kind: 'extension', name, number };
}

function writeAnswer(answer: Answer): Uint8Array[] {
  if ('files' in answer) {
    return lengthDelimited(
      4,
      answer.files.flatMap((file) => lengthDelimited(1, [file])),
    );
  }
  if ('numbers' in answer) {
    const packed = Uint8Array.from(answer.numbers.flatMap(varint));
    return lengthDelimited(5, [...text(1, answer.type), ...lengthDelimited(2, [packed])]);
  }
  if ('services' in answer) {
    return lengthDelimited(
      6,
      answer.services.flatMap((name) => lengthDelimited(1, text(1, name))),
    );
  }
  const code = Uint8Array.from([8, ...varint(statusNumber(answer.code))]);
  return lengthDelimited(7, [code, ...text(2, answer.message)]);
}

function text(field: number, value: string): Uint8Array[] {
  return lengthDelimited(field, [UTF8.encode(value)]);
}

function unreadable(cause: unknown): GatewayError {
  return new GatewayError('PG_INVALID_VALUE', 'the message is no ServerReflectionRequest', {
    cause,
  });
}
