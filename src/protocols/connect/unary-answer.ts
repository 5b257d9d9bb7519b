/** Writes what came back to a unary Connect call: the body is the message, or an error in JSON. */
import type { Call, Outcome } from '../../call/call.ts';
import type { Status } from '../../call/status.ts';
import type { HeaderList, Reply } from '../../call/types.ts';
import { ACCEPTED_COMPRESSIONS } from '../../compression/content-coding.ts';
import { accepts } from '../../rpc/compression-from.ts';
import { ENVELOPE_BYTES } from '../../rpc/envelope.ts';
import { expose } from '../../rpc/expose.ts';
import { notOneAnswer } from '../../rpc/faults.ts';
import { formOf, headersOf, type MetadataForm, nameForClient } from '../../rpc/metadata.ts';
import { packed, recompression } from '../../rpc/packing.ts';
import { connectError, connectHttpStatus } from './error-json.ts';
import type { UnaryRequest } from './unary-request.ts';

const TRAILER = 'trailer-';
/** What looks like a trailer would be one for the client. */
const leading: MetadataForm = formOf((name) =>
  name.startsWith(TRAILER) ? undefined : nameForClient(name),
);
/** Trailers travel as headers with a prefix ("Unary-Response"). */
const trailing: MetadataForm = formOf((name) =>
  nameForClient(name) === undefined ? undefined : `${TRAILER}${name}`,
);
const TYPES = { proto: 'application/proto', json: 'application/json' } as const;

export async function writeAnswer(
  call: Call,
  request: UnaryRequest,
  reply: Reply,
): Promise<Outcome> {
  const end = reply.end instanceof Promise ? await reply.end : reply.end;
  if (end.code !== 'OK') return writeError(call, request, end, reply);
  const type = TYPES[request.codec];
  const headers: HeaderList = ['content-type', type, ...headersOf(reply.metadata, leading)];
  const passed = passedMessage(call, request, reply);
  const whole = passed instanceof Promise ? await passed : passed;
  let body: Uint8Array;
  if (whole !== undefined) {
    body = whole.subarray(ENVELOPE_BYTES);
    if (whole[0] === 1) headers.push('content-encoding', reply.body.encoding ?? 'identity');
  } else {
    const message = await reply.body.next();
    if (message === undefined) {
      throw notOneAnswer('sent OK and no message');
    }
    const { target } = request;
    const isJson = request.codec === 'json' && target !== null;
    const plain = isJson ? target.json.json(message.bytes) : message.bytes;
    const compression = recompression(call, 'accept-encoding', reply.body);
    const made = packed(plain, compression);
    body = made instanceof Promise ? await made : made;
    if (body !== plain && compression !== null) headers.push('content-encoding', compression.name);
  }
  if (call.exchange.head.verb === 'GET') headers.push('vary', 'accept-encoding');
  headers.push(...headersOf(end.trailers, trailing));
  expose(headers, call);
  headers.push(...call.answerHeaders);
  call.exchange.answer(200, headers, body);
  return { code: 'OK', httpStatus: 200, error: null };
}

/** Every error of a unary call, whoever it comes from. */
export function writeError(
  call: Call,
  { target }: UnaryRequest,
  status: Status,
  reply?: Reply,
): Outcome {
  const headers: HeaderList = [
    'content-type',
    'application/json',
    ...headersOf(reply?.metadata ?? null, leading),
    ...headersOf(status.trailers, trailing),
  ];
  const { error } = status;
  if (error !== null) headers.push('x-request-id', call.id);
  if (error?.pg === 'PG_UNKNOWN_COMPRESSION') {
    headers.push('accept-encoding', ACCEPTED_COMPRESSIONS);
  }
  if (error?.allow !== undefined) headers.push('allow', error.allow.join(', '));
  expose(headers, call);
  headers.push(...call.answerHeaders);
  const httpStatus = connectHttpStatus(status);
  const body = Buffer.from(
    JSON.stringify(connectError({ status, call, schema: target?.schema ?? null })),
  );
  call.exchange.answer(httpStatus, headers, body);
  return { code: status.code, httpStatus, error };
}

/** The message in its envelope where the client can read it as the service has sent it. */
function passedMessage(
  call: Call,
  request: UnaryRequest,
  { body }: Reply,
): Uint8Array | Promise<Uint8Array> | undefined {
  if (request.codec !== 'proto' || body.whole === undefined) return undefined;
  const { encoding } = body;
  const accepted = call.exchange.head.header('accept-encoding');
  if (encoding !== undefined && !accepts(accepted, encoding)) return undefined;
  return body.whole();
}
