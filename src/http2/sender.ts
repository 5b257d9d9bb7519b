/** What goes out on streams: header blocks in frames, data within the windows of the peer (RFC 9113 section 5.2). */
import { LinkedList } from '../lib/linked-list.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import { DEFAULT_WINDOW, Flag, FrameType, MAX_WINDOW } from './frames.ts';
import type { Output } from './output.ts';
import type { PeerSettings } from './settings.ts';
import type { Stream } from './stream.ts';

export class Sender {
  readonly #output: Output;
  readonly #peer: PeerSettings;
  readonly #append: (part: Uint8Array) => void;
  readonly #onEnded: (stream: Stream) => void;
  /** Streams with data that had to wait, the one that waits longest first. */
  readonly #waiting = new LinkedList<Stream>();
  #window = DEFAULT_WINDOW;

  /** `onEnded` hears of each stream whose last frame of ours has gone out. */
  constructor(output: Output, peer: PeerSettings, onEnded: (stream: Stream) => void) {
    this.#output = output;
    this.#peer = peer;
    this.#append = (part) => output.append(part);
    this.#onEnded = onEnded;
  }

  /** The streams that wait for a window or for the socket. */
  get waiting(): readonly Stream[] {
    return this.#waiting.all();
  }

  /** Sends the header block, then what waits behind it. */
  begin(stream: Stream): void {
    const endsHere = stream.pendingEnd && stream.pendingBytes === 0;
    let bytes = 0;
    for (const part of stream.block) bytes += part.length;
    const flags = endsHere ? Flag.endStream : 0;
    if (bytes <= this.#peer.maxFrameBytes) {
      this.#output.frame(bytes, FrameType.headers, flags | Flag.endHeaders, stream.id);
      for (const part of stream.block) this.#output.append(part);
    } else {
      this.#split(stream.id, Buffer.concat(stream.block), flags);
    }
    if (endsHere) this.#end(stream);
    else this.retry(stream);
  }

  /** Sends a header block: the head of an answer, an interim one, or with `end` all that there is to say. */
  headers(stream: Stream, block: Uint8Array, end: boolean): void {
    const flags = end ? Flag.endStream : 0;
    if (block.length <= this.#peer.maxFrameBytes) {
      this.#output.frame(block.length, FrameType.headers, flags | Flag.endHeaders, stream.id);
      this.#output.append(block);
    } else {
      this.#split(stream.id, block, flags);
    }
    if (end) this.#end(stream);
  }

  /** Sends both as one piece where that can be done at once; else what the windows and the socket allow. False where something waits. */
  write(stream: Stream, prefix: Uint8Array, bytes: Uint8Array, end: boolean): boolean {
    const total = prefix.length + bytes.length;
    const window = Math.min(stream.sendWindow, this.#window, this.#peer.maxFrameBytes);
    if (total === 0 || total > window || stream.pendingBytes > 0 || this.#output.congested) {
      stream.hold(prefix, bytes, end);
      this.send(stream);
      stream.wantsDrain = stream.pendingBytes > 0;
      return !stream.wantsDrain;
    }
    const ends = end && stream.trailers === null;
    this.#output.frame(total, FrameType.data, ends ? Flag.endStream : 0, stream.id);
    if (prefix.length > 0) this.#output.append(prefix);
    if (bytes.length > 0) this.#output.append(bytes);
    stream.sendWindow -= total;
    this.#window -= total;
    if (ends) this.#end(stream);
    else if (stream.trailers !== null) this.headers(stream, stream.trailers, true);
    this.#output.flushIfLarge();
    return true;
  }

  /** Sends what the windows and the socket allow of what waits. */
  send(stream: Stream): void {
    while (stream.pendingBytes > 0 && !this.#output.congested) {
      const window = Math.min(stream.sendWindow, this.#window);
      const bytes = Math.min(stream.pendingBytes, window, this.#peer.maxFrameBytes);
      if (bytes <= 0) break;
      const last = stream.pendingEnd && bytes === stream.pendingBytes && stream.trailers === null;
      this.#output.frame(bytes, FrameType.data, last ? Flag.endStream : 0, stream.id);
      stream.take(bytes, this.#append);
      stream.sendWindow -= bytes;
      stream.sentLate += bytes;
      this.#window -= bytes;
      if (last) stream.localEnded = true;
      this.#output.flushIfLarge();
    }
    if (stream.pendingBytes > 0) {
      this.#waiting.add(stream);
      return;
    }
    this.#waiting.delete(stream);
    if (!stream.pendingEnd) return;
    if (stream.localEnded) {
      this.#onEnded(stream);
    } else if (stream.trailers !== null) {
      this.headers(stream, stream.trailers, true);
    } else {
      this.#output.frame(0, FrameType.data, Flag.endStream, stream.id);
      this.#end(stream);
    }
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

  /** Whether the window of the connection is what streams wait for. */
  get stalled(): boolean {
    return this.#waiting.size > 0 && this.#window <= 0;
  }

  /** The socket or a window has room again. */
  resume(): void {
    if (this.#waiting.size === 0) return;
    // A copy: who must wait again goes to the end of the line, which would never be reached.
    for (const stream of this.#waiting.all()) {
      if (this.#window <= 0 || this.#output.congested) return;
      this.retry(stream);
    }
  }

  /** Sends what it can of a stream that had to wait, and says so when nothing is left. */
  retry(stream: Stream): void {
    // To the end of the line: the next turn begins with another stream.
    this.#waiting.delete(stream);
    if (stream.closed) return;
    this.send(stream);
    if (!stream.wantsDrain || stream.pendingBytes > 0) return;
    stream.wantsDrain = false;
    if (!stream.closed) stream.listener.onDrain();
  }

  #end(stream: Stream): void {
    stream.localEnded = true;
    this.#onEnded(stream);
  }

  #split(id: number, block: Uint8Array, flags: number): void {
    const most = this.#peer.maxFrameBytes;
    for (let at = 0; at < block.length; at += most) {
      const part = block.subarray(at, at + most);
      const last = at + most >= block.length ? Flag.endHeaders : 0;
      if (at === 0) this.#output.frame(part.length, FrameType.headers, flags | last, id);
      else this.#output.frame(part.length, FrameType.continuation, last, id);
      this.#output.append(part);
    }
  }
}
