/** What comes in: each frame checked against the state of its stream and of the connection, then told to who it is for. */
import type { Connection } from './connection.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import { Flood, type FloodGate } from './flood.ts';
import type { FrameSink } from './frame-reader.ts';
import { Flag, type FrameHead, FrameType, MAX_WINDOW, readUint31, readUint32 } from './frames.ts';
import { checkPriority, HeaderAssembly, type HeaderBlock } from './header-block.ts';
import { contentLengthOf, faultOfResponse, faultOfTrailers } from './header-rules.ts';
import type { DecodedSection } from './hpack/block-memo.ts';
import { HpackDecoder } from './hpack/decode.ts';
import type { Side } from './side.ts';
import { applySettings } from './settings.ts';
import type { Stream } from './stream.ts';

/** A window that is widened by less is one to count while more waits for it. */
const SMALL_INCREMENT = 256;

export class Receiver implements FrameSink {
  readonly #connection: Connection;
  readonly #side: Side;
  readonly #blocks: HeaderAssembly;
  readonly #hpack: HpackDecoder;
  readonly #flood: FloodGate;
  #sawSettings = false;
  /** RST_STREAM on streams that were over. */
  #lateResets = 0;

  constructor(connection: Connection, side: Side) {
    this.#connection = connection;
    this.#side = side;
    this.#flood = connection.flood;
    this.#blocks = new HeaderAssembly(side.grants.blockBytes);
    this.#hpack = new HpackDecoder(side.grants.tableBytes, side.grants);
  }

  /** The number of the header block that is there in part, or -1. */
  get openBlock(): number {
    return this.#blocks.open ? this.#blocks.blocks : -1;
  }

  onData(head: FrameHead, part: Uint8Array, flowBytes: number, last: boolean): void {
    this.#begin(head);
    const connection = this.#connection;
    connection.window.take(flowBytes);
    const stream = this.#streamOf(head.streamId, 'DATA', true);
    if (stream === undefined) return;
    const ended = last && (head.flags & Flag.endStream) !== 0;
    if (stream.remoteEnded) {
      connection.abort(stream, ErrorCode.streamClosed, 'data behind its end');
      return;
    }
    stream.receiveWindow -= flowBytes;
    if (stream.receiveWindow < 0) {
      connection.abort(stream, ErrorCode.flowControlError, 'more data than its window');
      return;
    }
    if (!stream.sawHead) {
      connection.abort(stream, ErrorCode.protocolError, 'data before its head');
      return;
    }
    if (stream.promised >= 0 && !keepsPromise(stream, part.length, ended)) {
      connection.abort(stream, ErrorCode.protocolError, 'a body that is not of its content-length');
      return;
    }
    if (part.length === 0 && !ended) this.#flood.count(Flood.emptyFrames);
    connection.hold(stream, flowBytes);
    if (ended) connection.endRemote(stream);
    if (part.length > 0 || ended) stream.listener.onData(part, ended);
    if (flowBytes > part.length) stream.credit(flowBytes - part.length);
  }

  onFrame(head: FrameHead, payload: Uint8Array): void {
    this.#begin(head);
    switch (head.type) {
      case FrameType.headers:
      case FrameType.continuation: {
        const block = this.#blocks.take(head, payload);
        if (block !== null) this.#onBlock(block);
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
        expectSize(payload.length === 5, 'PRIORITY');
        checkPriority(head.streamId, payload);
        this.#flood.count(Flood.priority);
        break;
      case FrameType.pushPromise:
        throw new ConnectionFault(ErrorCode.protocolError, 'PUSH_PROMISE, which was not allowed');
      default:
        this.#flood.count(Flood.unknownFrames);
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

  #onBlock({ streamId, endStream, bytes }: HeaderBlock): void {
    // Decoded whatever becomes of it: the table must stay in step.
    const section = this.#hpack.decode(bytes);
    const connection = this.#connection;
    if (connection.mayBegin(streamId)) {
      connection.accept(streamId, section, endStream);
      return;
    }
    const stream = this.#streamOf(streamId, 'HEADERS', true);
    if (stream === undefined) return;
    if (stream.remoteEnded) {
      connection.abort(stream, ErrorCode.streamClosed, 'headers behind its end');
      return;
    }
    const fault = faultOfBlock(stream, section, endStream);
    if (fault !== undefined) {
      connection.abort(stream, ErrorCode.protocolError, fault);
      return;
    }
    // Interim heads say nothing that anybody here wants to know (RFC 9110 section 15.2).
    if (!stream.sawHead && section.fields[1]?.startsWith('1') === true) {
      this.#flood.count(Flood.interimHeads);
      return;
    }
    // A head that ends the stream may say the length of what it stands for (RFC 9110 section 8.6).
    if (!stream.sawHead && !endStream) {
      stream.promised = isBodiless(stream, section) ? 0 : section.contentLength;
    }
    stream.sawHead = true;
    if (endStream) connection.endRemote(stream);
    stream.listener.onHeaders(section, endStream);
  }

  #onSettings({ streamId, flags }: FrameHead, payload: Uint8Array): void {
    expect(streamId === 0, 'SETTINGS on a stream');
    if ((flags & Flag.ack) !== 0) {
      expectSize(payload.length === 0, 'an acknowledgement of SETTINGS');
      return;
    }
    this.#flood.count(Flood.settings);
    const { peer } = this.#connection;
    const before = peer.initialWindow;
    applySettings(payload, peer, this.#side.peerMayAllowPush);
    this.#connection.onSettings(peer.initialWindow - before);
  }

  #onWindowUpdate(head: FrameHead, payload: Uint8Array): void {
    expectSize(payload.length === 4, 'WINDOW_UPDATE');
    const increment = readUint31(payload, 0);
    if (head.streamId === 0) {
      expect(increment > 0, 'a window that is widened by nothing');
      const { sender } = this.#connection;
      if (increment < SMALL_INCREMENT && sender.stalled) this.#flood.count(Flood.smallWindows);
      sender.widen(increment);
      return;
    }
    const stream = this.#streamOf(head.streamId, 'WINDOW_UPDATE', false);
    if (stream === undefined) return;
    const small = increment < Math.min(SMALL_INCREMENT, stream.pendingBytes);
    if (small) this.#flood.count(Flood.smallWindows);
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
    const stream = this.#streamOf(head.streamId, 'RST_STREAM', false);
    if (stream !== undefined) {
      this.#connection.onReset(stream, readUint32(payload, 0));
    } else if (++this.#lateResets > this.#connection.opened) {
      // A server may ask for the end of an upload behind its whole answer (RFC 9113 section 8.1): once for each stream that there was.
      this.#flood.count(Flood.strayResets);
    }
  }

  #onPing({ streamId, flags }: FrameHead, payload: Uint8Array): void {
    expect(streamId === 0, 'PING on a stream');
    expectSize(payload.length === 8, 'PING');
    this.#flood.count(Flood.ping);
    if ((flags & Flag.ack) === 0) this.#connection.pong(payload);
    else this.#connection.onPong();
  }

  /**
   * The stream of a frame; undefined for one that is over while the peer may not know it yet. `carries` is for frames that nobody sends
   * on a stream that has ended for both (RFC 9113 section 5.1).
   */
  #streamOf(streamId: number, what: string, carries: boolean): Stream | undefined {
    const connection = this.#connection;
    const stream = connection.streams.get(streamId);
    if (stream !== undefined) return stream;
    expect(streamId !== 0, `${what} of the connection`);
    expect(!connection.isIdle(streamId), `${what} on a stream that was never opened`);
    if (carries && !connection.past.wasReset(streamId)) {
      const detail = `${what} behind the end of a stream`;
      throw new ConnectionFault(ErrorCode.streamClosed, detail);
    }
    return undefined;
  }
}

function faultOfBlock(
  stream: Stream,
  section: DecodedSection,
  endStream: boolean,
): string | undefined {
  const { fields, beyond } = section;
  if (beyond !== null) return 'its headers are too large';
  if (stream.sawHead && !endStream) return 'trailers that do not end it';
  if (stream.sawHead && stream.promised > 0) return 'a body that is not of its content-length';
  const place = stream.sawHead ? 'trailers' : 'head';
  if (endStream && place === 'head' && fields[1]?.startsWith('1') === true) {
    return 'an interim head that ends it';
  }
  // Looked at once, however often the peer repeats it.
  if (section.soundAs === place) return undefined;
  const fault = place === 'head' ? faultOfResponse(fields) : faultOfTrailers(fields);
  if (fault !== undefined) return fault;
  if (place === 'head') section.contentLength = contentLengthOf(fields);
  if (Number.isNaN(section.contentLength)) return 'a content-length that is none';
  section.soundAs = place;
  return undefined;
}

/** RFC 9110 section 6.4.1: its head is all of it, whatever length that says. */
function isBodiless({ ofHead }: Stream, { fields }: DecodedSection): boolean {
  return ofHead || fields[1] === '204' || fields[1] === '304';
}

/** RFC 9113 section 8.1.1: what comes is what the head has promised. */
function keepsPromise(stream: Stream, bytes: number, ended: boolean): boolean {
  stream.promised -= bytes;
  return ended ? stream.promised === 0 : stream.promised >= 0;
}

function expect(holds: boolean, otherwise: string): void {
  if (!holds) throw new ConnectionFault(ErrorCode.protocolError, otherwise);
}

function expectSize(holds: boolean, what: string): void {
  if (!holds) throw new ConnectionFault(ErrorCode.frameSizeError, `${what} of a broken length`);
}
