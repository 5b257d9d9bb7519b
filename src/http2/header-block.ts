/** HEADERS and the CONTINUATION frames that must follow it at once (RFC 9113 sections 4.3 and 6.10). */
import { ConnectionFault, ErrorCode } from './errors.ts';
import { Flag, type FrameHead, FrameType, readUint31 } from './frames.ts';
import { withoutPadding } from './frame-reader.ts';

/** A block of 256 KB in frames of the usual size takes 16. */
const MAX_CONTINUATIONS = 32;
const PRIORITY_BYTES = 5;

/** A whole block as it came. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly bytes: Uint8Array;
}

export class HeaderAssembly {
  readonly #maxBytes: number;
  #streamId = 0;
  #endStream = false;
  #parts: Uint8Array[] = [];
  #bytes = 0;
  /** How many blocks have begun. */
  blocks = 0;

  /** `maxBytes` is of one block, compressed. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether a block is there in part. */
  get open(): boolean {
    return this.#streamId !== 0;
  }

  /** Takes a frame of any type but DATA; gives a block where this frame completes one. */
  take(head: FrameHead, payload: Uint8Array): HeaderBlock | null {
    const { type, streamId, flags } = head;
    this.check(head);
    if (type === FrameType.headers) {
      if (streamId === 0) throw new ConnectionFault(ErrorCode.protocolError, 'HEADERS on stream 0');
      return this.#begin(head, fragmentOf(head, payload));
    }
    if (type !== FrameType.continuation) return null;
    if (this.#streamId === 0) {
      throw new ConnectionFault(ErrorCode.protocolError, 'CONTINUATION of nothing');
    }
    this.#bytes += payload.length;
    // A view into a reader's buffer: copied, since the next frame may overwrite it.
    this.#parts.push(payload.slice());
    this.#checkSize();
    if ((flags & Flag.endHeaders) === 0) return null;
    const block = { streamId, endStream: this.#endStream, bytes: Buffer.concat(this.#parts) };
    this.#streamId = 0;
    this.#parts = [];
    return block;
  }

  /** Between HEADERS and its last CONTINUATION nothing else may come. */
  check({ type, streamId }: FrameHead): void {
    if (this.#streamId === 0) return;
    if (type === FrameType.continuation && streamId === this.#streamId) return;
    throw new ConnectionFault(ErrorCode.protocolError, 'a frame within a header block');
  }

  #begin({ streamId, flags }: FrameHead, bytes: Uint8Array): HeaderBlock | null {
    const endStream = (flags & Flag.endStream) !== 0;
    this.blocks++;
    this.#bytes = bytes.length;
    this.#checkSize();
    if ((flags & Flag.endHeaders) !== 0) return { streamId, endStream, bytes };
    this.#streamId = streamId;
    this.#endStream = endStream;
    this.#parts = [bytes.slice()];
    return null;
  }

  #checkSize(): void {
    if (this.#bytes <= this.#maxBytes && this.#parts.length <= MAX_CONTINUATIONS) return;
    const detail = 'a header block without an end';
    throw new ConnectionFault(ErrorCode.enhanceYourCalm, detail, 'header_block');
  }
}

/** The block's part of a HEADERS frame: without padding and the deprecated priority. */
function fragmentOf(head: FrameHead, payload: Uint8Array): Uint8Array {
  const bytes = withoutPadding(head, payload);
  if ((head.flags & Flag.priority) === 0) return bytes;
  if (bytes.length < PRIORITY_BYTES) {
    throw new ConnectionFault(ErrorCode.frameSizeError, 'HEADERS without its priority');
  }
  checkPriority(head.streamId, bytes);
  return bytes.subarray(PRIORITY_BYTES);
}

/** Priorities are ignored (RFC 9113 section 5.3.2) but for this one, which RFC 7540 section 5.3.1 calls an error. */
export function checkPriority(streamId: number, payload: Uint8Array): void {
  if (readUint31(payload, 0) !== streamId) return;
  throw new ConnectionFault(ErrorCode.protocolError, 'a stream that depends on itself');
}
