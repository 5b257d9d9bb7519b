/** How an answer ended, read out of the bytes of each protocol; an answer without an end is a failure of the test. */
import assert from 'node:assert/strict';
import type { Form } from '../bad-input/form.ts';
import { type Detail, detailsOfAny, reasonOf } from '../bad-input/shapes.ts';
import type { Answer } from '../bad-input/wire.ts';

export interface End {
  /** What came before, without envelopes. */
  readonly messages: readonly Buffer[];
  /** Of HTTP. */
  readonly status: number;
  /** As gRPC numbers it; Connect's names and the numbers of google.rpc.Status are made such. */
  readonly code: number;
  readonly message: string;
  /** The reason of google.rpc.ErrorInfo; null where the service itself has spoken. */
  readonly pg: string | null;
}

const CONNECT_CODES = [
  '',
  'canceled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
];

type Fields = Readonly<Record<string, string>>;
type Told = Pick<End, 'code' | 'message' | 'pg'>;

export function endOf({ shape, base64 }: Form, answer: Answer): End {
  const { status, headers, trailers } = answer;
  if (shape === 'grpc') {
    // The end is no part of the body: half a message before it is only half a message.
    const { messages, end } = split(answer.body, true);
    assert.equal(end, null);
    // Trailers, or the head where nothing follows it.
    const last = 'grpc-status' in trailers ? trailers : headers;
    if (last === headers) assert.equal(answer.body.length, 0);
    return { messages, status, ...ofGrpc(last) };
  }
  assert.deepEqual(trailers, {});
  if (shape === 'grpc-web') {
    const { messages, end } = split(base64 ? unpadded(answer.body) : answer.body);
    if (end === null) {
      assert.equal(messages.length, 0);
      return { messages, status, ...ofGrpc(headers) };
    }
    assert.equal(end.flag, 0x80);
    return { messages, status, ...ofGrpc(block(end.bytes)) };
  }
  if (shape === 'connect-stream') {
    const { messages, end } = split(answer.body);
    assert.equal(end?.flag, 2);
    const { error } = JSON.parse(end.bytes.toString()) as { error?: ConnectError };
    return { messages, status, ...ofConnect(error) };
  }
  if (shape === 'connect-unary') {
    const error = status === 200 ? undefined : (JSON.parse(answer.body.toString()) as ConnectError);
    return { messages: [], status, ...ofConnect(error) };
  }
  return ofRest(answer);
}

/** Envelopes up to the one that is the end, and nothing behind that. */
function split(
  body: Buffer,
  mayBeCut = false,
): { messages: Buffer[]; end: { flag: number; bytes: Buffer } | null } {
  const messages: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const flag = body[at] ?? 0;
    const next = body.length < at + 5 ? Infinity : at + 5 + body.readUInt32BE(at + 1);
    if (next > body.length && mayBeCut) break;
    assert.ok(next <= body.length, 'the last envelope is cut off');
    const bytes = body.subarray(at + 5, next);
    if (flag > 1) {
      assert.equal(next, body.length, 'something follows the end');
      return { messages, end: { flag, bytes } };
    }
    messages.push(bytes);
    at = next;
  }
  return { messages, end: null };
}

/** Padded parts of base64, one behind another. */
function unpadded(body: Buffer): Buffer {
  const text = body.toString('latin1');
  assert.match(text, /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*$/);
  return Buffer.concat((text.match(/.{4}/g) ?? []).map((quad) => Buffer.from(quad, 'base64')));
}

function block(bytes: Buffer): Fields {
  const text = bytes.toString('latin1');
  assert.match(text, /^(?:[a-z0-9_.-]+:[\x20-\x7e]*\r\n)*$/, 'a line of each trailer, and no more');
  return Object.fromEntries(
    text
      .split('\r\n')
      .slice(0, -1)
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
}

function ofGrpc(fields: Fields): Told {
  assert.match(fields['grpc-status'] ?? '', /^(?:0|[1-9]\d*)$/);
  const details = detailsOfAny(fields['grpc-status-details-bin']);
  return {
    code: Number(fields['grpc-status']),
    message: decodeURIComponent(fields['grpc-message'] ?? ''),
    pg: reasonOf(details),
  };
}

interface ConnectError {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

function ofConnect(error: ConnectError | undefined): Told {
  if (error === undefined) return { code: 0, message: '', pg: null };
  const code = CONNECT_CODES.indexOf(error.code);
  assert.ok(code > 0, `${error.code} is no code of Connect`);
  const details = (error.details ?? []).map(
    ({ type, value }): Detail => ({ type, value: Buffer.from(value, 'base64') }),
  );
  return { code, message: error.message ?? '', pg: reasonOf(details) };
}

interface RestError {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly reason?: string }[];
}

/** A whole error, or the last line of a stream. */
function ofRest({ status, headers, body }: Answer): End {
  const text = body.toString();
  const isStream = headers['content-type'] === 'application/x-ndjson';
  if (isStream) assert.match(text, /\n$/);
  const lines = isStream ? text.split('\n').slice(0, -1) : [text];
  const last = JSON.parse(lines.at(-1) ?? 'null') as RestError | { error: RestError };
  const error = 'error' in last ? last.error : status === 200 ? null : last;
  const messages = (error === null ? lines : lines.slice(0, -1)).map((line) => Buffer.from(line));
  if (error === null) return { messages, status, code: 0, message: '', pg: null };
  const pg = error.details.find(({ reason }) => reason !== undefined)?.reason ?? null;
  return { messages, status, code: error.code, message: error.message, pg };
}
