/** What comes in: each frame checked against the state of its stream and of the connection, then told to who it is for. */
import type { Clock } from '../lib/clock.ts';
import type { Connection } from './connection.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import { FloodGate } from './flood.ts';
import type { FrameSink } from './frame-reader.ts';
import { Flag, type FrameHead, FrameType, MAX_WINDOW, readUint31, readUint32 } from './frames.ts';
import { HeaderAssembly, type HeaderBlock } from './header-block.ts';
import { faultOfResponse, faultOfTrailers } from './header-rules.ts';
import { HpackDecoder } from './hpack/decode.ts';
import { CONNECTION_WINDOW, MAX_LIST_BYTES, TABLE_BYTES } from './limits.ts';
import { applySettings } from './settings.ts';
import type { Stream } from './stream.ts';

export class Receiver implements FrameSink {
  readonly #connection: Connection;
  readonly #blocks = new HeaderAssembly();
  readonly #hpack = new HpackDecoder(TABLE_BYTES, MAX_LIST_BYTES);
  readonly #flood: FloodGate;
  #window = CONNECTION_WINDOW;
  #sawSettings = false;
  /** RST_STREAM on streams that were over. */
  #lateResets = 0;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#flood = new FloodGate(clock);
  }

  onData(head: FrameHead, part: Uint8Array, flowBytes: number, last: boolean): void {
    this.#begin(head);
    this.#window -= flowBytes;
    if (this.#window < 0) {
      throw new ConnectionFault(
        ErrorCode.flowControlError,
        'more than the window of the connection',
      );
    }
    // Given back at once: a stream whose reader is slow must not hold up the others; its own window bounds what waits.
    if (this.#window <= CONNECTION_WINDOW / 2) {
      this.#connection.windowUpdate(0, CONNECTION_WINDOW - this.#window);
      this.#window = CONNECTION_WINDOW;
    }
    const stream = this.#streamOf(head, 'DATA');
    if (stream === undefined) return;
    const ended = last && (head.flags & Flag.endStream) !== 0;
    if (stream.remoteEnded) {
      this.#connection.abort(stream, ErrorCode.streamClosed, 'data behind its end');
      return;
    }
    stream.receiveWindow -= flowBytes;
    if (stream.receiveWindow < 0) {
      this.#connection.abort(stream, ErrorCode.flowControlError, 'more data than its window');
      return;
    }
    if (!stream.sawHead) {
      this.#connection.abort(stream, ErrorCode.protocolError, 'data before its head');
      return;
    }
    if (part.length === 0 && !ended) this.#flood.count('empty frames');
    if (ended) this.#connection.endRemote(stream);
    if (part.length > 0 || ended) stream.listener.onData(part, ended);
    if (flowBytes > part.length) stream.credit(flowBytes - part.length);
  }

  onFrame(head: FrameHead, payload: Uint8Array): void {
    this.#begin(head);
    switch (head.type) {
      case FrameType.headers:
      case FrameType.continuation: {
        const block = this.#blocks.take(head, payload);
        if (block !== null) this.#onBlock(head, block);
        break;
      }
      case FrameType.settings:
        this.#onSettings(head, payload);
        break;
      case FrameType.windowUpdate:
        this.#onWindowUpdate(head, payload);
        break;
      case FrameType.rstStream:
        this.#onReset(head, payload);
        break;
      case FrameType.ping:
        this.#onPing(head, payload);
        break;
      case FrameType.goaway:
        expect(head.streamId === 0, 'GOAWAY on a stream');
        expectSize(payload.length >= 8, 'GOAWAY');
        this.#connection.onGoaway(readUint31(payload, 0), readUint32(payload, 4));
        break;
      case FrameType.priority:
        expect(head.streamId !== 0, 'PRIORITY of the connection');
        this.#flood.count('PRIORITY');
        break;
      case FrameType.pushPromise:
        throw new ConnectionFault(ErrorCode.protocolError, 'PUSH_PROMISE, which was not allowed');
      default:
        this.#flood.count('unknown frames');
    }
  }

  /** The first frame is SETTINGS (RFC 9113 section 3.4), and a header block stays in one piece. */
  #begin(head: FrameHead): void {
    this.#blocks.check(head);
    if (this.#sawSettings) return;
    if (head.type !== FrameType.settings || (head.flags & Flag.ack) !== 0) {
      throw new ConnectionFault(ErrorCode.protocolError, 'no SETTINGS to begin with');
    }
    this.#sawSettings = true;
  }

  #onBlock(head: FrameHead, { streamId, endStream, bytes }: HeaderBlock): void {
    // Decoded whatever becomes of it: the table must stay in step.
    const headers = this.#hpack.decode(bytes);
    const stream = this.#streamOf({ ...head, streamId }, 'HEADERS');
    if (stream === undefined) return;
    const fault = faultOfBlock(stream, headers, endStream);
    if (headers === null || fault !== undefined) {
      this.#connection.abort(stream, ErrorCode.protocolError, fault ?? 'headers');
      return;
    }
    // Interim heads say nothing that anybody here wants to know (RFC 9110 section 15.2).
    if (!stream.sawHead && headers[1]?.startsWith('1') === true) {
      this.#flood.count('interim heads');
      return;
    }
    stream.sawHead = true;
    if (endStream) this.#connection.endRemote(stream);
    stream.listener.onHeaders(headers, endStream);
  }

  #onSettings({ streamId, flags }: FrameHead, payload: Uint8Array): void {
    expect(streamId === 0, 'SETTINGS on a stream');
    if ((flags & Flag.ack) !== 0) {
      expectSize(payload.length === 0, 'an acknowledgement of SETTINGS');
      return;
    }
    this.#flood.count('SETTINGS');
    const { peer } = this.#connection;
    const before = peer.initialWindow;
    applySettings(payload, peer, true);
    this.#connection.onSettings(peer.initialWindow - before);
  }

  #onWindowUpdate(head: FrameHead, payload: Uint8Array): void {
    expectSize(payload.length === 4, 'WINDOW_UPDATE');
    const increment = readUint31(payload, 0);
    if (head.streamId === 0) {
      expect(increment > 0, 'a window that is widened by nothing');
      this.#connection.sender.widen(increment);
      return;
    }
    const stream = this.#streamOf(head, 'WINDOW_UPDATE');
    if (stream === undefined) return;
    if (increment === 0) {
      this.#connection.abort(stream, ErrorCode.protocolError, 'its window is widened by nothing');
      return;
    }
    stream.sendWindow += increment;
    if (stream.sendWindow > MAX_WINDOW) {
      this.#connection.abort(stream, ErrorCode.flowControlError, 'its window overflows');
    } else if (stream.pendingBytes > 0) {
      this.#connection.sender.retry(stream);
    }
  }

  #onReset(head: FrameHead, payload: Uint8Array): void {
    expectSize(payload.length === 4, 'RST_STREAM');
    const stream = this.#streamOf(head, 'RST_STREAM');
    if (stream !== undefined) {
      this.#connection.onReset(stream, readUint32(payload, 0));
    } else if (++this.#lateResets > this.#connection.opened) {
      // A server may ask for the end of an upload behind its whole answer (RFC 9113 section 8.1): once for each stream that there was.
      this.#flood.count('RST_STREAM');
    }
  }

  #onPing({ streamId, flags }: FrameHead, payload: Uint8Array): void {
    expect(streamId === 0, 'PING on a stream');
    expectSize(payload.length === 8, 'PING');
    this.#flood.count('PING');
    if ((flags & Flag.ack) === 0) this.#connection.pong(payload);
  }

  /** The stream of a frame; undefined for one that was reset and is still on the peer's mind (RFC 9113 section 5.1). */
  #streamOf({ streamId, type }: FrameHead, what: string): Stream | undefined {
    const stream = this.#connection.streams.get(streamId);
    if (stream !== undefined) return stream;
    expect(streamId !== 0, `${what} of the connection`);
    expect(!this.#connection.isIdle(streamId), `${what} on a stream that was never opened`);
    const carries = type === FrameType.data || type === FrameType.headers;
    if (carries && !this.#connection.wasReset(streamId)) {
      throw new ConnectionFault(ErrorCode.streamClosed, `${what} behind the end of a stream`);
    }
    return undefined;
  }
}

function faultOfBlock(
  stream: Stream,
  headers: readonly string[] | null,
  endStream: boolean,
): string | undefined {
  if (headers === null) return 'its headers are too large';
  if (stream.remoteEnded) return 'headers behind its end';
  if (stream.sawHead) return endStream ? faultOfTrailers(headers) : 'trailers that do not end it';
  if (endStream && headers[1]?.startsWith('1') === true) return 'an interim head that ends it';
  return faultOfResponse(headers);
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new ConnectionFault(ErrorCode.protocolError, otherwise);
}

function expectSize(holds: boolean, what: string): void {
  if (!holds) throw new ConnectionFault(ErrorCode.frameSizeError, `${what} of a broken length`);
}
