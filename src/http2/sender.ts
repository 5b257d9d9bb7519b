/** What goes out on streams: header blocks in frames, data within the windows of the peer (RFC 9113 section 5.2). */
import { ConnectionFault, ErrorCode } from './errors.ts';
import { DEFAULT_WINDOW, Flag, FrameType, MAX_WINDOW } from './frames.ts';
import type { Output } from './output.ts';
import type { PeerSettings } from './settings.ts';
import type { Stream } from './stream.ts';

export class Sender {
  readonly #output: Output;
  readonly #peer: PeerSettings;
  readonly #append: (part: Uint8Array) => void;
  /** Streams with data that had to wait, the one that waits longest first. */
  readonly #waiting = new Set<Stream>();
  #window = DEFAULT_WINDOW;

  constructor(output: Output, peer: PeerSettings) {
    this.#output = output;
    this.#peer = peer;
    this.#append = (part) => output.append(part);
  }

  /** Sends the header block, then what waits behind it. */
  begin(stream: Stream): void {
    const endsHere = stream.pendingEnd && stream.pendingBytes === 0;
    let bytes = 0;
    for (const part of stream.head) bytes += part.length;
    const flags = endsHere ? Flag.endStream : 0;
    if (bytes <= this.#peer.maxFrameBytes) {
      this.#output.frame(bytes, FrameType.headers, flags | Flag.endHeaders, stream.id);
      for (const part of stream.head) this.#output.append(part);
    } else {
      this.#splitHead(stream, flags);
    }
    stream.localEnded = endsHere;
    this.retry(stream);
  }

  /** Sends what the windows and the socket allow. */
  send(stream: Stream): void {
    while (stream.pendingBytes > 0 && !this.#output.congested) {
      const window = Math.min(stream.sendWindow, this.#window);
      const bytes = Math.min(stream.pendingBytes, window, this.#peer.maxFrameBytes);
      if (bytes <= 0) break;
      const ends = stream.pendingEnd && bytes === stream.pendingBytes;
      this.#output.frame(bytes, FrameType.data, ends ? Flag.endStream : 0, stream.id);
      stream.take(bytes, this.#append);
      stream.sendWindow -= bytes;
      this.#window -= bytes;
      stream.localEnded = ends;
      this.#output.flushIfLarge();
    }
    if (stream.pendingBytes > 0) {
      this.#waiting.add(stream);
      return;
    }
    this.#waiting.delete(stream);
    if (stream.pendingEnd && !stream.localEnded) {
      this.#output.frame(0, FrameType.data, Flag.endStream, stream.id);
      stream.localEnded = true;
    }
  }

  forget(stream: Stream): void {
    this.#waiting.delete(stream);
  }

  /** WINDOW_UPDATE on the connection. */
  widen(increment: number): void {
    this.#window += increment;
    if (this.#window > MAX_WINDOW) {
      throw new ConnectionFault(
        ErrorCode.flowControlError,
        'the window of the connection overflows',
      );
    }
    this.resume();
  }

  /** The socket or a window has room again. */
  resume(): void {
    // A copy: who must wait again goes to the end of the line, which would never be reached.
    for (const stream of Array.from(this.#waiting)) {
      if (this.#window <= 0 || this.#output.congested) return;
      this.retry(stream);
    }
  }

  /** Sends what it can of a stream that had to wait, and says so when nothing is left. */
  retry(stream: Stream): void {
    // To the end of the line: the next turn begins with another stream.
    this.#waiting.delete(stream);
    this.send(stream);
    if (!stream.wantsDrain || stream.pendingBytes > 0) return;
    stream.wantsDrain = false;
    if (!stream.closed) stream.listener.onDrain();
  }

  #splitHead(stream: Stream, flags: number): void {
    const block = Buffer.concat(stream.head);
    const most = this.#peer.maxFrameBytes;
    for (let at = 0; at < block.length; at += most) {
      const part = block.subarray(at, at + most);
      const last = at + most >= block.length ? Flag.endHeaders : 0;
      if (at === 0) this.#output.frame(part.length, FrameType.headers, flags | last, stream.id);
      else this.#output.frame(part.length, FrameType.continuation, last, stream.id);
      this.#output.append(part);
    }
  }
}
