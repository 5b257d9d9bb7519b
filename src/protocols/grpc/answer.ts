/** Writes what came back as a gRPC answer: as it travelled where the client understands that, else message by message. */
import type { Call, Outcome } from '../../call/call.ts';
import { GatewayError, ownHttpStatus } from '../../call/error.ts';
import { type Status, statusOf } from '../../call/status.ts';
import type { Body, HeaderList, Reply, Sink, Source } from '../../call/types.ts';
import { ACCEPTED_COMPRESSIONS } from '../../compression/compression.ts';
import { enclose } from './envelope.ts';
import { addMetadata } from './metadata.ts';
import { addStatus } from './status-headers.ts';

const NOTHING = new Uint8Array();

/** The head is the end as well: for everything that ends before a message. */
export function writeStatus(call: Call, status: Status, reply?: Reply): Outcome {
  const headers = headOf(reply);
  addStatus(headers, status, call);
  const { error } = status;
  if (error !== null) headers.push('x-request-id', call.id);
  if (error?.pg === 'PG_UNKNOWN_COMPRESSION') {
    headers.push('grpc-accept-encoding', ACCEPTED_COMPRESSIONS);
  }
  if (error?.allow !== undefined) headers.push('allow', error.allow.join(', '));
  headers.push(...call.answerHeaders);
  const httpStatus = error === null ? 200 : httpStatusOf(error);
  call.exchange.answer(httpStatus, headers, NOTHING);
  return { code: status.code, httpStatus, error };
}

/** The whole answer of a method with one response message, in one piece. */
export async function writeUnary(call: Call, reply: Reply): Promise<Outcome> {
  const end = reply.end instanceof Promise ? await reply.end : reply.end;
  if (end.code !== 'OK') return writeStatus(call, end, reply);
  const { body } = reply;
  const headers = headOf(reply);
  let envelope: Uint8Array;
  if (body.whole !== undefined && isUnderstood(call, body)) {
    const whole = body.whole();
    envelope = whole instanceof Promise ? await whole : whole;
    if (body.encoding !== undefined) headers.push('grpc-encoding', body.encoding);
  } else {
    const message = await body.next();
    if (message === undefined) {
      throw new GatewayError('PG_UPSTREAM_PROTOCOL', 'the service sent OK and no message', {
        reached: 'yes',
      });
    }
    envelope = enclose(message.bytes);
  }
  headers.push(...call.answerHeaders);
  const trailers: HeaderList = [];
  addStatus(trailers, end, call);
  call.exchange.answer(200, headers, envelope, trailers);
  return { code: 'OK', httpStatus: 200, error: null };
}

/** A stream of messages, no faster than the client takes them; its head goes out at once. */
export async function writeStream(call: Call, reply: Reply): Promise<Outcome> {
  // It has ended before its first message.
  if (!(reply.end instanceof Promise)) return writeStatus(call, reply.end, reply);
  const { body } = reply;
  const through = body.raw !== undefined && isUnderstood(call, body);
  const headers = headOf(reply);
  if (through && body.encoding !== undefined) headers.push('grpc-encoding', body.encoding);
  headers.push(...call.answerHeaders);
  const sink = call.exchange.start(200, headers);
  let status: Status;
  try {
    if (through && body.raw !== undefined) new Splice(body.raw(), sink).start();
    else await copy(call, body, sink);
    status = await reply.end;
  } catch (error) {
    const failure = GatewayError.from(error);
    body.cancel(failure);
    status = statusOf(failure);
  }
  const trailers: HeaderList = [];
  addStatus(trailers, status, call);
  sink.end(trailers);
  return { code: status.code, httpStatus: 200, error: status.error };
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

async function copy(call: Call, body: Body, sink: Sink): Promise<void> {
  for (;;) {
    const next = body.next();
    const message = next instanceof Promise ? await next : next;
    if (message === undefined) return;
    if (!sink.write(enclose(message.bytes))) await drained(call, sink);
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

function headOf(reply: Reply | undefined): HeaderList {
  const headers: HeaderList = ['content-type', 'application/grpc'];
  addMetadata(headers, reply?.metadata ?? null);
  return headers;
}

/** Whether the client can read the envelopes as they are (`grpc-accept-encoding`). */
function isUnderstood(call: Call, { encoding }: Body): boolean {
  if (encoding === undefined) return true;
  const accepted = call.exchange.head.header('grpc-accept-encoding');
  return accepted?.split(',').some((name) => name.trim() === encoding) === true;
}

/** 200, but where gRPC asks for a status that no HTTP client takes for success, and for what is no gRPC call at all. */
function httpStatusOf({ pg }: GatewayError): number {
  const own = pg === 'PG_UNSUPPORTED_MEDIA_TYPE' || pg === 'PG_METHOD_NOT_ALLOWED';
  return (own ? ownHttpStatus(pg) : undefined) ?? 200;
}
