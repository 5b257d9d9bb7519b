/** Writes what came back as a whole REST answer: of one message, or an error. */
import type { Call, Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import { isLegalValue } from '../../call/metadata.ts';
import type { PlainAnswer } from '../../call/server.ts';
import type { Status } from '../../call/status.ts';
import type { HeaderList, Reply } from '../../call/types.ts';
import type { Mask } from '../../codecs/proto-json/to-json/mask.ts';
import { answerWhole } from './compressed-answer.ts';
import { errorAnswer, type ErrorContext, isBodiless } from './errors.ts';
import { wantsProblem } from './media-type.ts';
import { addHeaders, addTrailers } from './metadata.ts';
import type { RestTarget } from './target.ts';

const NOTHING: Uint8Array = new Uint8Array();

/** Answers with an error; for every failure before the first byte of the answer. `reply` where the service has sent a head. */
export function writeError(
  call: Call,
  target: RestTarget | undefined,
  status: Status,
  reply?: Reply,
): Outcome | Promise<Outcome> {
  const httpStatus = errorStatusOf(status, reply);
  const context = { ...contextOf(call, target), httpStatus };
  const { status: http, headers, body } = errorAnswer(status, context);
  const outcome = { code: status.code, httpStatus: http, error: status.error };
  addHeaders(headers, reply?.metadata ?? null);
  addTrailers(headers, status.trailers);
  headers.push(...call.answerHeaders);
  return send(call, target, { status: http, headers, body }, outcome);
}

/** The status of an HTTP service that has refused the call; what the gateway or a stream says behind a good head is mapped. */
function errorStatusOf({ error }: Status, reply: Reply | undefined): number | undefined {
  const http = reply?.httpStatus ?? 0;
  return error === null && http >= 300 ? http : undefined;
}

/** What a method with one response message has answered. */
export interface UnaryReply {
  readonly reply: Reply;
  readonly status: Status;
  readonly message: Message | undefined;
}

/** The whole answer of a method with one response message, or of a preflight. */
export function writeUnary(
  call: Call,
  target: RestTarget | undefined,
  { reply, status, message }: UnaryReply,
  mask: Mask | undefined,
): Outcome | Promise<Outcome> {
  if (status.code !== 'OK') return writeError(call, target, status, reply);
  const headers: HeaderList = [];
  let http = 204;
  let body = NOTHING;
  if (message !== undefined && target !== undefined) {
    http = reply.httpStatus ?? 200;
    if (!isBodiless(http)) {
      body = writeMessage(message, target, headers, mask);
      if (target.binding.responseBody === 'raw') addCoding(headers, reply);
    }
  } else if (!call.preflight) {
    throw new GatewayError('PG_UPSTREAM_CARDINALITY', 'the service answered OK without a message', {
      reached: 'yes',
    });
  }
  addHeaders(headers, reply.metadata);
  addTrailers(headers, status.trailers);
  headers.push(...call.answerHeaders);
  const outcome: Outcome = { code: 'OK', httpStatus: http, error: null };
  return send(call, target, { status: http, headers, body }, outcome);
}

function send(
  call: Call,
  target: RestTarget | undefined,
  answer: PlainAnswer,
  outcome: Outcome,
): Outcome | Promise<Outcome> {
  const sent = answerWhole(call, target?.settings.answerCompression ?? null, answer);
  return sent instanceof Promise ? sent.then(() => outcome) : outcome;
}

/** Of a google.api.HttpBody the service may have compressed the data itself; its metadata says so, which else is never a header. */
export function addCoding(headers: HeaderList, { metadata }: Reply): void {
  const coding = metadata?.text('content-encoding');
  if (coding !== undefined && isLegalValue(coding)) headers.push('content-encoding', coding);
}

function writeMessage(
  { bytes }: Message,
  { binding }: RestTarget,
  headers: HeaderList,
  mask: Mask | undefined,
): Uint8Array {
  if (binding.responseBody === 'raw') {
    const { contentType, data } = binding.raw(bytes);
    headers.push('content-type', bodyType(contentType));
    // The service chose the type; a browser must not choose another.
    headers.push('x-content-type-options', 'nosniff');
    return data;
  }
  headers.push('content-type', 'application/json');
  return binding.json(bytes, mask);
}

/** What an error of this call is written with. */
export function contextOf(call: Call, target: RestTarget | undefined): ErrorContext {
  return {
    id: call.id,
    schema: target?.schema ?? null,
    problem: wantsProblem(call.exchange.head),
    pretty: target?.settings.prettyErrors === true,
  };
}

/** The content type of a google.api.HttpBody; one that is no header value is not passed on. */
export function bodyType(contentType: string): string {
  return contentType !== '' && isLegalValue(contentType) ? contentType : 'application/octet-stream';
}
