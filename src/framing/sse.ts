/** Server-sent events out of a byte stream. Source: HTML standard, section 9.2.6 "Interpreting an event stream". */
import { GatewayError } from '../call/error.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { Emit, FrameDecoder } from './types.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BOM = [0xef, 0xbb, 0xbf];
const NEW_LINE = Uint8Array.of(LF);
/** Longer names of events and of fields are nobody's. */
const MAX_NAME = 200;

/** `maxBytes` bounds the data of one event, and a line. `id` and `retry` are for who connects again, which nobody does here. */
export function createSse(maxBytes: number): FrameDecoder {
  return new SseDecoder(maxBytes);
}

class SseDecoder implements FrameDecoder {
  readonly #maxBytes: number;
  /** What earlier chunks held of the line. */
  readonly #begun = new GrowingBytes();
  #data = new GrowingBytes();
  #lines = 0;
  #event = '';
  #afterCr = false;
  #first = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Uint8Array, emit: Emit): void {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      if (this.#afterCr) {
        // CR LF is one end of a line, also where a chunk ends between the two.
        this.#afterCr = false;
        if (byte === LF) {
          start = i + 1;
          continue;
        }
      }
      if (byte !== LF && byte !== CR) continue;
      this.#afterCr = byte === CR;
      this.#endLine(chunk.subarray(start, i), emit);
      start = i + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  finish(): void {
    // The standard drops an event that is not closed by an empty line; a message must not be lost without a word.
    if (this.#lines > 0 || this.#begun.length > 0) {
      throw new GatewayError('PG_MALFORMED_JSON', 'the last event is cut off');
    }
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#check(this.#begun.length + part.length);
    this.#begun.append(part);
  }

  #endLine(last: Uint8Array, emit: Emit): void {
    let line = last;
    if (this.#begun.length > 0) {
      this.#keep(last);
      line = this.#begun.take();
    }
    if (this.#first) {
      this.#first = false;
      if (BOM.every((byte, index) => line[index] === byte)) line = line.subarray(3);
    }
    if (line.length === 0) this.#dispatch(emit);
    else this.#field(line);
  }

  #field(line: Uint8Array): void {
    const colon = line.indexOf(COLON);
    const end = colon < 0 ? line.length : colon;
    // A line that begins with a colon is a comment.
    if (end === 0 || end > MAX_NAME) return;
    const from = colon < 0 ? line.length : line[colon + 1] === SPACE ? colon + 2 : colon + 1;
    const name = textOf(line.subarray(0, end));
    if (name === 'event') {
      this.#event = textOf(line.subarray(from, from + MAX_NAME));
    } else if (name === 'data') {
      this.#check(this.#data.length + line.length - from + 1);
      if (this.#lines++ > 0) this.#data.append(NEW_LINE);
      this.#data.append(line.subarray(from));
    }
  }

  #dispatch(emit: Emit): void {
    const event = this.#event;
    this.#event = '';
    if (this.#lines === 0) return;
    this.#lines = 0;
    emit(this.#data.take(), event);
  }

  #check(bytes: number): void {
    if (bytes <= this.#maxBytes + MAX_NAME) return;
    throw new GatewayError(
      'PG_BODY_TOO_LARGE',
      `a message of the stream is larger than ${this.#maxBytes} bytes`,
    );
  }
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
