/** The whole of a body as one buffer, for messages that are not framed. */
import { GatewayError } from '../call/error.ts';
import type { Sink, Source } from '../call/types.ts';

/** Rejects with PG_BODY_TOO_LARGE as soon as more than `maxBytes` have come, and with what broke off a body that was cut. */
export function collect(source: Source, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const sink: Sink = {
      onDrain: null,
      write(chunk) {
        bytes += chunk.length;
        if (bytes <= maxBytes) {
          chunks.push(chunk);
          return true;
        }
        const reason = tooLarge(maxBytes);
        source.cancel(reason);
        reject(reason);
        return false;
      },
      end: () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
      fail: reject,
    };
    source.pump(sink);
  });
}

/** The refusal of a body beyond the limit, also before its first byte where its length is declared. */
export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('PG_BODY_TOO_LARGE', `the request body is larger than ${maxBytes} bytes`);
}
