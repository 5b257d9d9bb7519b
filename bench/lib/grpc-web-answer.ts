/** The body of a gRPC-Web answer (PROTOCOL-WEB.md): messages in their envelopes, and the end in a last one. */
import { InvalidRun } from '../load/types.ts';

export const ENVELOPE_BYTES = 5;
export const TRAILERS_FLAG = 0x80;

/** The one message of a whole body that ends well. */
export function grpcWebAnswer(body: Buffer): Buffer {
  const [message, end, ...more] = envelopesOf(body);
  if (message?.flag !== 0 || end?.flag !== TRAILERS_FLAG || more.length > 0) {
    throw new InvalidRun(
      `not a message and an end: ${JSON.stringify(body.toString('latin1').slice(0, 300))}`,
    );
  }
  if (!isOk(end.bytes)) throw new InvalidRun(`it ends with ${end.bytes.toString('latin1')}`);
  return message.bytes;
}

/** Whether trailers in a body say that all went well. */
export function isOk(trailers: Buffer): boolean {
  return /^grpc-status: ?0\r$/im.test(trailers.toString('latin1'));
}

function envelopesOf(body: Buffer): { readonly flag: number; readonly bytes: Buffer }[] {
  const envelopes = [];
  for (let at = 0; at < body.length; ) {
    const from = at + ENVELOPE_BYTES;
    if (from > body.length) throw new InvalidRun('an envelope that is cut off');
    const to = from + body.readUInt32BE(at + 1);
    if (to > body.length) throw new InvalidRun('a message that is cut off');
    envelopes.push({ flag: body.readUInt8(at), bytes: body.subarray(from, to) });
    at = to;
  }
  return envelopes;
}
