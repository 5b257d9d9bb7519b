/** HEADERS and the CONTINUATION frames that must follow it at once (RFC 9113 sections 4.3 and 6.10). */
import { ConnectionFault, ErrorCode } from './errors.ts';
import { Flag, type FrameHead, FrameType } from './frames.ts';
import { withoutPadding } from './frame-reader.ts';

/** Compressed, of one block. */
const MAX_BLOCK_BYTES = 262_144;
/** A block of the largest size in frames of the usual one takes 16. */
const MAX_CONTINUATIONS = 32;
const PRIORITY_BYTES = 5;

/** A whole block as it came. */
export interface HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly bytes: Uint8Array;
}

export class HeaderAssembly {
  #streamId = 0;
  #endStream = false;
  #parts: Uint8Array[] = [];
  #bytes = 0;

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
    if (this.#bytes > MAX_BLOCK_BYTES || this.#parts.length > MAX_CONTINUATIONS) {
      throw new ConnectionFault(ErrorCode.enhanceYourCalm, 'a header block without an end');
    }
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
    if ((flags & Flag.endHeaders) !== 0) return { streamId, endStream, bytes };
    this.#streamId = streamId;
    this.#endStream = endStream;
    this.#parts = [bytes.slice()];
    this.#bytes = bytes.length;
    return null;
  }
}

/** The block's part of a HEADERS frame: without padding and the deprecated priority. */
function fragmentOf(head: FrameHead, payload: Uint8Array): Uint8Array {
  const bytes = withoutPadding(head, payload);
  if ((head.flags & Flag.priority) === 0) return bytes;
  if (bytes.length < PRIORITY_BYTES) {
    throw new ConnectionFault(ErrorCode.frameSizeError, 'HEADERS without its priority');
  }
  return bytes.subarray(PRIORITY_BYTES);
}
