/** Bytes to frames, whatever the chunks; each byte is looked at once and copied at most once. */
import { ConnectionFault, ErrorCode } from './errors.ts';
import {
  Flag,
  FRAME_HEAD_BYTES,
  type FrameHead,
  FrameType,
  MIN_MAX_FRAME_BYTES,
  readUint31,
} from './frames.ts';

/** Who hears of the frames; may throw a {@link ConnectionFault}. A head is valid until the call returns. */
export interface FrameSink {
  /**
   * Part of a DATA frame as it comes, without padding; `last` ends the frame. `flowBytes` is what of the frame counts for flow control
   * with this part.
   */
  onData(head: FrameHead, part: Uint8Array, flowBytes: number, last: boolean): void;
  /** Any other frame, with its whole payload. The bytes are a view that may be reused. */
  onFrame(head: FrameHead, payload: Uint8Array): void;
}

const NOTHING = new Uint8Array();

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

export class FrameReader {
  readonly #sink: FrameSink;
  /** The head of a frame that was cut by the end of a chunk. */
  readonly #headBytes = new Uint8Array(FRAME_HEAD_BYTES);
  #headFilled = 0;
  /** The last frame that has begun; written anew for each, so that frames make no garbage. */
  readonly #head: Writable<FrameHead> = { length: 0, type: 0, flags: 0, streamId: 0 };
  /** What is missing of its payload. */
  #missing = 0;
  /** The payload of a frame that must be whole and was cut; DATA without padding goes on in parts. */
  #gathered: Uint8Array | null = null;
  readonly #preface: Uint8Array;
  /** How much of the preface has come. */
  #prefaceRead = 0;
  /** How many frames have begun. */
  frames = 0;

  /** `preface` is what the peer sends ahead of its first frame. */
  constructor(sink: FrameSink, preface: Uint8Array) {
    this.#sink = sink;
    this.#preface = preface;
  }

  /** Whether a frame that says nothing before it is whole is there in part. */
  get cut(): boolean {
    return this.#headFilled > 0 || (this.#missing > 0 && !isPlainData(this.#head));
  }

  /** Reads what `chunk` completes. */
  read(chunk: Uint8Array): void {
    let at = this.#prefaceRead < this.#preface.length ? this.#readPreface(chunk) : 0;
    while (at < chunk.length) {
      at = this.#missing === 0 ? this.#readHead(chunk, at) : this.#readPayload(chunk, at);
    }
  }

  #readPreface(chunk: Uint8Array): number {
    const from = this.#prefaceRead;
    const taken = Math.min(this.#preface.length - from, chunk.length);
    for (let i = 0; i < taken; i++) {
      if (chunk[i] !== this.#preface[from + i]) {
        throw new ConnectionFault(ErrorCode.protocolError, 'no preface of HTTP/2');
      }
    }
    this.#prefaceRead = from + taken;
    return taken;
  }

  #readHead(chunk: Uint8Array, at: number): number {
    if (this.#headFilled === 0 && chunk.length - at >= FRAME_HEAD_BYTES) {
      this.#begin(chunk, at);
      return at + FRAME_HEAD_BYTES;
    }
    const taken = Math.min(FRAME_HEAD_BYTES - this.#headFilled, chunk.length - at);
    this.#headBytes.set(chunk.subarray(at, at + taken), this.#headFilled);
    this.#headFilled += taken;
    if (this.#headFilled === FRAME_HEAD_BYTES) {
      this.#headFilled = 0;
      this.#begin(this.#headBytes, 0);
    }
    return at + taken;
  }

  #begin(bytes: Uint8Array, at: number): void {
    this.frames++;
    const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    if (length > MIN_MAX_FRAME_BYTES) {
      throw new ConnectionFault(ErrorCode.frameSizeError, `a frame of ${length} bytes`);
    }
    const head = this.#head;
    head.length = length;
    head.type = bytes[at + 3] ?? 0;
    head.flags = bytes[at + 4] ?? 0;
    head.streamId = readUint31(bytes, at + 5);
    this.#missing = length;
    if (length > 0) return;
    if (isPlainData(head)) {
      this.#sink.onData(head, NOTHING, 0, true);
    } else {
      this.#deliver(head, NOTHING);
    }
  }

  #readPayload(chunk: Uint8Array, at: number): number {
    const head = this.#head;
    const taken = Math.min(this.#missing, chunk.length - at);
    const part = chunk.subarray(at, at + taken);
    this.#missing -= taken;
    const last = this.#missing === 0;
    if (isPlainData(head)) {
      this.#sink.onData(head, part, taken, last);
    } else if (last && taken === head.length) {
      this.#deliver(head, part);
    } else {
      const whole = (this.#gathered ??= new Uint8Array(head.length));
      whole.set(part, head.length - this.#missing - taken);
      if (last) {
        this.#gathered = null;
        this.#deliver(head, whole);
      }
    }
    return at + taken;
  }

  /** Padding counts for flow control like what it pads (RFC 9113 section 6.1). */
  #deliver(head: FrameHead, payload: Uint8Array): void {
    if (head.type !== FrameType.data) this.#sink.onFrame(head, payload);
    else this.#sink.onData(head, withoutPadding(head, payload), payload.length, true);
  }
}

/** The payload of a frame that may be padded. */
export function withoutPadding({ flags }: FrameHead, payload: Uint8Array): Uint8Array {
  if ((flags & Flag.padded) === 0) return payload;
  const end = payload.length - (payload[0] ?? 0);
  // At least the byte that says the length is there (RFC 9113 section 6.1).
  if (payload.length === 0 || end < 1) {
    throw new ConnectionFault(ErrorCode.protocolError, 'more padding than payload');
  }
  return payload.subarray(1, end);
}

function isPlainData({ type, flags }: FrameHead): boolean {
  return type === FrameType.data && (flags & Flag.padded) === 0;
}
