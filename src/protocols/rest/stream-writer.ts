/** How streamed messages look on the wire. Sources: NDJSON, RFC 8259, the event stream format of the HTML standard (server-sent events). */
import type { StreamFormat } from './media-type.ts';

export interface StreamWriter {
  readonly contentType: string;
  /** One message, `json` as the codec wrote it; `lines` stand ahead of it where the format has lines of its own. */
  message(json: Uint8Array, lines: string): Uint8Array;
  /** The end of a stream that failed, `json` a google.rpc.Status; undefined where no element fits and the stream must be cut. */
  error(json: Uint8Array): Uint8Array | undefined;
  /** What closes a stream that went well; undefined where the end of the body says it all. */
  end(): Uint8Array | undefined;
}

/** A new writer; it counts, so one belongs to one stream. `wrapResult` puts messages into `{"result": …}`. */
export function createStreamWriter(
  format: Exclude<StreamFormat, 'raw'>,
  wrapResult: boolean,
): StreamWriter {
  const open = wrapResult ? '{"result":' : '';
  const close = wrapResult ? '}' : '';
  switch (format) {
    case 'ndjson':
      return {
        contentType: 'application/x-ndjson',
        message: (json) => frame(open, json, `${close}\n`),
        error: (json) => frame('{"error":', json, '}\n'),
        end: () => undefined,
      };
    case 'sse':
      return {
        contentType: 'text/event-stream',
        // JSON written by a codec has no line breaks, so one data line holds it.
        message: (json, lines) => frame(`${lines}data: ${open}`, json, `${close}\n\n`),
        error: (json) => frame('event: error\ndata: ', json, '\n\n'),
        // A page would take the end of the body for a cut and come back (HTML standard, "Server-sent events").
        end: () => Buffer.from('event: end\ndata: {}\n\n'),
      };
    case 'json-array': {
      let separator = '[';
      const element = (before: string, json: Uint8Array, after: string): Uint8Array => {
        const framed = frame(`${separator}${before}`, json, after);
        separator = ',';
        return framed;
      };
      return {
        contentType: 'application/json',
        message: (json) => element(open, json, close),
        error: (json) => element('{"error":', json, '}]'),
        end: () => Buffer.from(separator === '[' ? '[]' : ']'),
      };
    }
  }
}

function frame(before: string, json: Uint8Array, after: string): Uint8Array {
  const beforeBytes = Buffer.byteLength(before);
  const framed = Buffer.allocUnsafe(beforeBytes + json.length + after.length);
  framed.write(before, 0);
  framed.set(json, beforeBytes);
  framed.write(after, beforeBytes + json.length, 'latin1');
  return framed;
}
