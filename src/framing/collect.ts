/** The whole of a body as one buffer, for messages that are not framed. */
import { GatewayError } from '../call/error.ts';
import type { Sink, Source } from '../call/types.ts';
import { GrowingBytes } from './growing-bytes.ts';

const NOTHING: Uint8Array = new Uint8Array();

/** Rejects with PG_BODY_TOO_LARGE as soon as more than `maxBytes` have come, and with what broke off a body that was cut. */
export function collect(source: Source, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // One chunk is handed on as it is; from the second on they are copied together.
    let only: Uint8Array = NOTHING;
    const joined = new GrowingBytes();
    const sink: Sink = {
      onDrain: null,
      write(chunk) {
        if (only.length + joined.length + chunk.length > maxBytes) {
          const reason = tooLarge(maxBytes);
          source.cancel(reason);
          reject(reason);
          return false;
        }
        if (joined.length > 0) {
          joined.append(chunk);
        } else if (only.length === 0) {
          only = chunk;
        } else {
          joined.append(only);
          joined.append(chunk);
          only = NOTHING;
        }
        return true;
      },
      end: () => resolve(joined.length === 0 ? only : joined.take()),
      fail: reject,
    };
    source.pump(sink);
  });
}

/** The refusal of a body beyond the limit, also before its first byte where its length is declared. */
export function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('PG_BODY_TOO_LARGE', `the request body is larger than ${maxBytes} bytes`);
}
