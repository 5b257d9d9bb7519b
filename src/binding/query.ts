/** The raw query of a URL as names and values (application/x-www-form-urlencoded, WHATWG URL section 5.1), strictly. */
import { GatewayError } from '../call/error.ts';
import { quote } from '../codecs/problems.ts';

export interface Parameter {
  readonly name: string;
  readonly value: string;
}

/** More are a mistake or an attack: every one costs a look-up and may allocate. */
const MAX_PARAMETERS = 1000;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;
const NOT_PLAIN = /[%+\x80-\uffff]/;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** In the order of the query; `a` is `a=`, an empty piece is nothing. Throws PG_BAD_TARGET and PG_NOT_UTF8. */
export function parseQuery(raw: string): Parameter[] {
  const parameters: Parameter[] = [];
  if (raw === '') return parameters;
  for (const piece of raw.split('&')) {
    if (piece === '') continue;
    if (parameters.length === MAX_PARAMETERS) {
      throw new GatewayError(
        'PG_BAD_TARGET',
        `the query has more than ${MAX_PARAMETERS} parameters`,
      );
    }
    const at = piece.indexOf('=');
    const rawName = at === -1 ? piece : piece.slice(0, at);
    const name = decode(rawName, rawName);
    parameters.push({ name, value: at === -1 ? '' : decode(piece.slice(at + 1), name) });
  }
  return parameters;
}

function decode(text: string, name: string): string {
  if (!NOT_PLAIN.test(text)) return text;
  if (BROKEN_ESCAPE.test(text)) {
    const message = `query parameter ${quote(name)}: a % must be followed by two hexadecimal digits`;
    throw new GatewayError('PG_BAD_TARGET', message);
  }
  try {
    return decoder.decode(unescapedBytes(text));
  } catch (cause) {
    throw new GatewayError('PG_NOT_UTF8', `query parameter ${quote(name)} is not UTF-8`, { cause });
  }
}

/** Transports hand a raw target on as one character per byte, so what is not escaped is a byte as well. */
function unescapedBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x25) {
      bytes[length++] = Number.parseInt(text.slice(at + 1, at + 3), 16);
      at += 2;
    } else {
      bytes[length++] = code === 0x2b ? 0x20 : code;
    }
  }
  return bytes.subarray(0, length);
}
