/** Writes what came back to a client of envelopes: as it travelled where the client understands that, else message by message. */
import type { Call, Outcome } from '../call/call.ts';
import { GatewayError, ownHttpStatus } from '../call/error.ts';
import { type Status, statusOf } from '../call/status.ts';
import type { Body, HeaderList, Reply, Sink, Source } from '../call/types.ts';
import type { Compression } from '../compression/compression.ts';
import { ACCEPTED_COMPRESSIONS } from '../compression/content-coding.ts';
import { joinBytes } from '../lib/protobuf-wire.ts';
import { Base64Sink, base64 } from './base64-sink.ts';
import { accepts } from './compression-from.ts';
import type { CallEnd } from './dialect.ts';
import { expose } from './expose.ts';
import { notOneAnswer } from './faults.ts';
import { headersOf, toClient } from './metadata.ts';
import { enclosePacked, recompression } from './packing.ts';
import type { RpcRequest } from './request.ts';
import { statusHeaders } from './status-headers.ts';
import type { UploadGate } from './upload-gate.ts';
import { WholeMessages } from './whole-messages.ts';

/** For everything that ends before a message: the answer is the end alone. */
export function writeStatus(
  call: Call,
  request: RpcRequest,
  status: Status,
  reply?: Reply,
): Outcome {
  const { dialect, wire } = request;
  const headers = headOf(request, reply);
  const body = dialect.statusOnly(headers, endOf(call, request, status));
  const { error } = status;
  if (error !== null) headers.push('x-request-id', call.id);
  if (error?.pg === 'PG_UNKNOWN_COMPRESSION') {
    headers.push(dialect.acceptEncodingHeader, ACCEPTED_COMPRESSIONS);
  }
  if (error?.allow !== undefined) headers.push('allow', error.allow.join(', '));
  expose(headers, call);
  headers.push(...call.answerHeaders);
  const httpStatus = error === null ? 200 : rpcHttpStatus(error);
  call.exchange.answer(httpStatus, headers, wire?.textAnswer === true ? base64(body) : body);
  return { code: status.code, httpStatus, error };
}

/** The whole answer of a method with one response message, in one piece; plain where everything is there already. */
export function writeUnary(
  call: Call,
  request: RpcRequest,
  reply: Reply,
): Outcome | Promise<Outcome> {
  const { end } = reply;
  return end instanceof Promise
    ? end.then((status) => writeWhole(call, request, reply, status))
    : writeWhole(call, request, reply, end);
}

function writeWhole(
  call: Call,
  request: RpcRequest,
  reply: Reply,
  end: Status,
): Outcome | Promise<Outcome> {
  if (end.code !== 'OK') return writeStatus(call, request, end, reply);
  const { body } = reply;
  const headers = headOf(request, reply);
  if (body.whole === undefined || !passes(call, request, body)) {
    const compression = recompression(call, request.dialect.acceptEncodingHeader, body);
    addEncoding(headers, request, compression?.name);
    return encodedAnswer(request, body, compression).then((envelope) =>
      answer(call, request, { headers, envelope, end }),
    );
  }
  addEncoding(headers, request, body.encoding);
  const whole = body.whole();
  return whole instanceof Promise
    ? whole.then((envelope) => answer(call, request, { headers, envelope, end }))
    : answer(call, request, { headers, envelope: whole, end });
}

async function encodedAnswer(
  request: RpcRequest,
  body: Body,
  compression: Compression | null,
): Promise<Uint8Array> {
  const message = await body.next();
  if (message === undefined) throw notOneAnswer('sent OK and no message');
  return enclosePacked(encoded(request, message.bytes), compression);
}

interface Answer {
  readonly headers: HeaderList;
  readonly envelope: Uint8Array;
  readonly end: Status;
}

function answer(call: Call, request: RpcRequest, { headers, envelope, end }: Answer): Outcome {
  expose(headers, call);
  headers.push(...call.answerHeaders);
  const { tail } = request.dialect;
  if (tail === null) {
    call.exchange.answer(200, headers, envelope, statusHeaders(end, call));
  } else {
    const whole = joinBytes([envelope, tail(endOf(call, request, end))]);
    call.exchange.answer(200, headers, request.wire?.textAnswer === true ? base64(whole) : whole);
  }
  return { code: 'OK', httpStatus: 200, error: null };
}

/** A stream of messages, no faster than the client takes them; its head goes out at once. */
export async function writeStream(call: Call, request: RpcRequest, reply: Reply): Promise<Outcome> {
  // It has ended before its first message.
  if (!(reply.end instanceof Promise)) return writeStatus(call, request, reply.end, reply);
  const stuck = request.upload === null ? null : await stuckDialogue(request, request.upload);
  if (stuck !== null) return writeStatus(call, request, statusOf(stuck), reply);
  const { body } = reply;
  const through = body.raw !== undefined && passes(call, request, body);
  const headers = headOf(request, reply);
  const compression = through
    ? null
    : recompression(call, request.dialect.acceptEncodingHeader, body);
  addEncoding(headers, request, through ? body.encoding : compression?.name);
  expose(headers, call);
  headers.push(...call.answerHeaders);
  const started = call.exchange.start(200, headers);
  const sink = request.wire?.textAnswer === true ? new Base64Sink(started) : started;
  const { tail } = request.dialect;
  let status: Status;
  try {
    if (through && body.raw !== undefined) {
      new Splice(body.raw(), tail === null ? sink : new WholeMessages(sink)).start();
    } else {
      await copy(call, sink, { request, body, compression });
    }
    status = await reply.end;
  } catch (error) {
    const failure = GatewayError.from(error);
    body.cancel(failure);
    status = statusOf(failure);
  }
  if (tail === null) {
    sink.end(statusHeaders(status, call));
  } else {
    sink.write(tail(endOf(call, request, status)));
    sink.end(null);
  }
  return { code: status.code, httpStatus: 200, error: status.error };
}

/** Over HTTP/1.1 nothing is written until the upload is complete; a client that waits for an answer first is told what can do that. */
async function stuckDialogue(
  { target }: RpcRequest,
  upload: UploadGate,
): Promise<GatewayError | null> {
  upload.readAhead(target?.maxBodyBytes ?? 0);
  const reason = await upload.over;
  if (reason?.pg !== 'PG_IDLE_TIMEOUT' && reason?.pg !== 'PG_DEADLINE_EXCEEDED') return null;
  const message =
    'over HTTP/1.1 the answer begins when the upload has ended: a dialogue needs HTTP/2, with gRPC, gRPC-Web or Connect';
  return new GatewayError(reason.pg, message, { reached: reason.reached, cause: reason });
}

/** Hands chunks through; how the stream ended is told by the end of the reply. */
class Splice implements Sink {
  onDrain: (() => void) | null = null;
  readonly #source: Source;
  readonly #sink: Sink;

  constructor(source: Source, sink: Sink) {
    this.#source = source;
    this.#sink = sink;
  }

  start(): void {
    this.#sink.onDrain = () => this.#source.resume();
    this.#source.pump(this);
  }

  write(chunk: Uint8Array): boolean {
    return this.#sink.write(chunk);
  }

  end(): void {
    this.#sink.onDrain = null;
  }

  fail(): void {
    this.#sink.onDrain = null;
  }
}

interface Copied {
  readonly request: RpcRequest;
  readonly body: Body;
  readonly compression: Compression | null;
}

async function copy(call: Call, sink: Sink, copied: Copied): Promise<void> {
  const { request, body, compression } = copied;
  for (;;) {
    const next = body.next();
    const message = next instanceof Promise ? await next : next;
    if (message === undefined) return;
    const made = enclosePacked(encoded(request, message.bytes), compression);
    const envelope = made instanceof Promise ? await made : made;
    if (!sink.write(envelope)) await drained(call, sink);
  }
}

function drained(call: Call, sink: Sink): Promise<void> {
  return new Promise((resolve, reject) => {
    if (call.cancelled !== null) {
      reject(call.cancelled);
      return;
    }
    call.onStalled = reject;
    sink.onDrain = () => {
      call.onStalled = null;
      resolve();
    };
  });
}

function endOf(call: Call, { target }: RpcRequest, status: Status): CallEnd {
  return { status, call, schema: target?.schema ?? null };
}

function headOf({ wire, dialect }: RpcRequest, reply: Reply | undefined): HeaderList {
  const type = wire?.contentType ?? dialect.contentType;
  return ['content-type', type, ...headersOf(reply?.metadata ?? null, toClient)];
}

/** A message of the service in the client's codec. */
function encoded({ wire, target }: RpcRequest, bytes: Uint8Array): Uint8Array {
  return wire?.codec === 'json' && target !== null ? target.json.json(bytes) : bytes;
}

/** Whether the client can read the envelopes as they are. */
function passes(call: Call, { wire, dialect }: RpcRequest, { encoding }: Body): boolean {
  if (wire?.codec !== 'proto') return false;
  if (encoding === undefined) return true;
  return accepts(call.exchange.head.header(dialect.acceptEncodingHeader), encoding);
}

function addEncoding(
  headers: HeaderList,
  { dialect }: RpcRequest,
  encoding: string | undefined,
): void {
  if (encoding !== undefined) headers.push(dialect.encodingHeader, encoding);
}

/** 200, but where gRPC asks for a status that no HTTP client takes for success, and for what is no call at all. */
function rpcHttpStatus({ pg }: GatewayError): number {
  const own = pg === 'PG_UNSUPPORTED_MEDIA_TYPE' || pg === 'PG_METHOD_NOT_ALLOWED';
  return (own ? ownHttpStatus(pg) : undefined) ?? 200;
}
