/**
 * JSON values out of a byte stream: NDJSON, concatenated values, or the elements of one array. It finds where a value ends and leaves
 * reading it to the codec, so a value is passed on as the client wrote it, one byte at a time or a thousand at once, in linear time.
 * Source: RFC 8259 (grammar), the NDJSON convention (one value a line; blank lines are passed over).
 */
import { GatewayError } from '../call/error.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { Emit, FrameDecoder } from './types.ts';

/** `auto` takes an array when the first byte opens one, else a sequence of values. */
export type JsonFraming = 'sequence' | 'auto';

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Between values of an array: what may come next. */
type Expect = 'value-or-end' | 'value' | 'separator' | 'nothing';

/** `maxBytes` bounds one value. */
export function createJsonValues(framing: JsonFraming, maxBytes: number): FrameDecoder {
  return new JsonValues(framing, maxBytes);
}

class JsonValues implements FrameDecoder {
  readonly #maxBytes: number;
  #framing: JsonFraming | 'array';
  #expect: Expect = 'value';
  /** What earlier chunks held of the value. A view would pin its whole chunk for as long as the value takes to arrive. */
  readonly #begun = new GrowingBytes();
  /** How many brackets are open within the value; -1 between values. */
  #depth = -1;
  #inString = false;
  #escaped = false;
  /** A number or a literal: it ends where something else begins. */
  #bare = false;
  #started = false;

  constructor(framing: JsonFraming, maxBytes: number) {
    this.#framing = framing;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array, emit: Emit): void {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (this.#depth < 0) {
        if (!this.#between(byte)) continue;
        start = i;
      } else if (this.#bare) {
        if (!this.#endsBare(byte)) continue;
        this.#complete(chunk.subarray(start, i), emit);
        this.#between(byte);
        continue;
      }
      if (this.#ends(byte)) this.#complete(chunk.subarray(start, i + 1), emit);
    }
    if (this.#depth >= 0) this.#keep(chunk.subarray(start));
  }

  finish(emit: Emit): void {
    if (this.#bare && this.#framing !== 'array') this.#complete(new Uint8Array(), emit);
    if (this.#depth >= 0) throw malformed('the last JSON value is cut off');
    if (this.#framing === 'array' && this.#expect !== 'nothing') {
      throw malformed('the JSON array is not closed');
    }
  }

  /** A byte between values; true where it begins one. */
  #between(byte: number): boolean {
    if (isSpace(byte)) return false;
    if (this.#framing === 'auto') {
      this.#framing = byte === OPEN_BRACKET && !this.#started ? 'array' : 'sequence';
      this.#started = true;
      if (this.#framing === 'array') {
        this.#expect = 'value-or-end';
        return false;
      }
    }
    if (this.#framing === 'array' && !this.#arrayValueBegins(byte)) return false;
    this.#depth = 0;
    this.#bare = byte !== QUOTE && byte !== OPEN_BRACE && byte !== OPEN_BRACKET;
    return true;
  }

  #arrayValueBegins(byte: number): boolean {
    const expect = this.#expect;
    if (byte === CLOSE_BRACKET && (expect === 'value-or-end' || expect === 'separator')) {
      this.#expect = 'nothing';
      return false;
    }
    if (byte === COMMA && expect === 'separator') {
      this.#expect = 'value';
      return false;
    }
    if (expect === 'nothing') throw malformed('there is more behind the JSON array');
    if (expect === 'separator') throw malformed('a comma is missing between two elements');
    if (byte === COMMA || byte === CLOSE_BRACKET) throw malformed('an element is missing');
    return true;
  }

  /** Whether the value ends with this byte. */
  #ends(byte: number): boolean {
    if (this.#bare) return false;
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        return this.#depth === 0;
      }
      return false;
    }
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) return --this.#depth === 0;
    return false;
  }

  #endsBare(byte: number): boolean {
    return (
      isSpace(byte) || (this.#framing === 'array' && (byte === COMMA || byte === CLOSE_BRACKET))
    );
  }

  #keep(part: Uint8Array): void {
    this.#checkSize(this.#begun.length + part.length);
    this.#begun.append(part);
  }

  #complete(last: Uint8Array, emit: Emit): void {
    let value = last;
    this.#checkSize(this.#begun.length + last.length);
    if (this.#begun.length > 0) {
      this.#begun.append(last);
      value = this.#begun.take();
    }
    this.#depth = -1;
    this.#bare = false;
    this.#expect = 'separator';
    emit(value);
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#maxBytes) return;
    throw new GatewayError(
      'PG_BODY_TOO_LARGE',
      `a message of the stream is larger than ${this.#maxBytes} bytes`,
    );
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function malformed(message: string): GatewayError {
  return new GatewayError('PG_MALFORMED_JSON', message);
}
