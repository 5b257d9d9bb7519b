/** Writes what came back to a client of envelopes: as it travelled where the client understands that, else message by message. */
import type { Call, Outcome } from '../call/call.ts';
import { GatewayError, ownHttpStatus } from '../call/error.ts';
import { type Status, statusOf } from '../call/status.ts';
import type { Body, HeaderList, Reply, Sink, Source } from '../call/types.ts';
import { ACCEPTED_COMPRESSIONS } from '../compression/content-coding.ts';
import { joinBytes } from '../lib/protobuf-wire.ts';
import { Base64Sink, base64 } from './base64-sink.ts';
import { accepts } from './compression-from.ts';
import { enclose } from './envelope.ts';
import { expose } from './expose.ts';
import { headersOf } from './metadata.ts';
import type { RpcRequest } from './request.ts';
import { statusHeaders } from './status-headers.ts';
import type { UploadGate } from './upload-gate.ts';

/** For everything that ends before a message: the answer is the end alone. */
export function writeStatus(
  call: Call,
  request: RpcRequest,
  status: Status,
  reply?: Reply,
): Outcome {
  const { dialect, wire } = request;
  const headers = headOf(request, reply);
  const body = dialect.statusOnly(headers, status, call);
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
    return encodedAnswer(request, body).then((envelope) =>
      answer(call, request, { headers, envelope, end }),
    );
  }
  addEncoding(headers, request, body);
  const whole = body.whole();
  return whole instanceof Promise
    ? whole.then((envelope) => answer(call, request, { headers, envelope, end }))
    : answer(call, request, { headers, envelope: whole, end });
}

async function encodedAnswer(request: RpcRequest, body: Body): Promise<Uint8Array> {
  const message = await body.next();
  if (message === undefined) throw missingMessage();
  return enclose(encoded(request, message.bytes));
}

interface Answer {
  readonly headers: HeaderList;
  readonly envelope: Uint8Array;
  readonly end: Status;
}

function answer(call: Call, request: RpcRequest, { headers, envelope, end }: Answer): Outcome {
  expose(headers, call);
  headers.push(...call.answerHeaders);
  const tail = request.dialect.tail(end, call);
  if (tail === null) {
    call.exchange.answer(200, headers, envelope, statusHeaders(end, call));
  } else {
    const whole = joinBytes([envelope, tail]);
    call.exchange.answer(200, headers, request.wire?.textAnswer === true ? base64(whole) : whole);
  }
  return { code: 'OK', httpStatus: 200, error: null };
}

/** What a service that says OK owes. */
function missingMessage(): GatewayError {
  return new GatewayError('PG_UPSTREAM_PROTOCOL', 'the service sent OK and no message', {
    reached: 'yes',
  });
}

/** A stream of messages, no faster than the client takes them; its head goes out at once. */
export async function writeStream(call: Call, request: RpcRequest, reply: Reply): Promise<Outcome> {
  // It has ended before its first message.
  if (!(reply.end instanceof Promise)) return writeStatus(call, request, reply.end, reply);
  const stuck = request.upload === null ? null : await stuckDialogue(request.upload);
  if (stuck !== null) return writeStatus(call, request, statusOf(stuck), reply);
  const { body } = reply;
  const through = body.raw !== undefined && passes(call, request, body);
  const headers = headOf(request, reply);
  if (through) addEncoding(headers, request, body);
  expose(headers, call);
  headers.push(...call.answerHeaders);
  const started = call.exchange.start(200, headers);
  const sink = request.wire?.textAnswer === true ? new Base64Sink(started) : started;
  let status: Status;
  try {
    if (through && body.raw !== undefined) new Splice(body.raw(), sink).start();
    else await copy(call, request, body, sink);
    status = await reply.end;
  } catch (error) {
    const failure = GatewayError.from(error);
    body.cancel(failure);
    status = statusOf(failure);
  }
  const tail = request.dialect.tail(status, call);
  if (tail === null) {
    sink.end(statusHeaders(status, call));
  } else {
    sink.write(tail);
    sink.end(null);
  }
  return { code: status.code, httpStatus: 200, error: status.error };
}

/** Over HTTP/1.1 nothing is written until the upload is complete; a client that waits for an answer first is told what can do that. */
async function stuckDialogue({ over }: UploadGate): Promise<GatewayError | null> {
  const reason = await over;
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

async function copy(call: Call, request: RpcRequest, body: Body, sink: Sink): Promise<void> {
  for (;;) {
    const next = body.next();
    const message = next instanceof Promise ? await next : next;
    if (message === undefined) return;
    if (!sink.write(enclose(encoded(request, message.bytes)))) await drained(call, sink);
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

function headOf({ wire, dialect }: RpcRequest, reply: Reply | undefined): HeaderList {
  const type = wire?.contentType ?? dialect.contentType;
  return ['content-type', type, ...headersOf(reply?.metadata ?? null)];
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

function addEncoding(headers: HeaderList, { dialect }: RpcRequest, { encoding }: Body): void {
  if (encoding !== undefined) headers.push(dialect.encodingHeader, encoding);
}

/** 200, but where gRPC asks for a status that no HTTP client takes for success, and for what is no call at all. */
function rpcHttpStatus({ pg }: GatewayError): number {
  const own = pg === 'PG_UNSUPPORTED_MEDIA_TYPE' || pg === 'PG_METHOD_NOT_ALLOWED';
  return (own ? ownHttpStatus(pg) : undefined) ?? 200;
}
