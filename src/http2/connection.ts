/** The life of one HTTP/2 connection: its streams from first to last, and the one end that all of them share. */
import type { Socket } from 'node:net';
import type { GatewayError, Reached } from '../call/error.ts';
import type { Clock } from '../lib/clock.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import { FrameReader } from './frame-reader.ts';
import { DEFAULT_WINDOW, FrameType, Flag, MAX_WINDOW } from './frames.ts';
import { HpackFault } from './hpack/fault.ts';
import { CONNECTION_WINDOW, MAX_LIST_BYTES, STREAM_WINDOW } from './limits.ts';
import { Output } from './output.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { defaultSettings, type PeerSettings, SettingId } from './settings.ts';
import type { Stream, StreamOwner } from './stream.ts';

/** How a stream ended before its time. */
export interface StreamAbort {
  /** `violation`: the peer broke the protocol. `reset`: it ended the stream. `lost`: the connection is gone. */
  readonly how: 'violation' | 'reset' | 'lost';
  readonly reached: Reached;
  /** For the log. */
  readonly detail: string;
}

/** Whoever keeps the connection. */
export interface ConnectionOwner {
  /** What is sent ahead of our SETTINGS; empty for a server. */
  readonly preface: Uint8Array;
  /** The peer has said its first SETTINGS. */
  onReady(): void;
  /** There may be room for more streams. */
  onRoom(): void;
  /** No new stream may be opened; `goaway` is the code by which the peer said so, if it did. Called once. */
  onDraining(goaway: number | undefined): void;
  /** A stream was cancelled, and nothing at all has come since it was opened. */
  onUnanswered?(): void;
  /** Everything is over; `reason` is undefined where it was meant to be. Called once. */
  onClosed(reason: Error | undefined): void;
  errorOf(abort: StreamAbort): GatewayError;
}

/** How many streams that we have reset are remembered: the peer may still send on them for a while. */
const REMEMBERED_RESETS = 1_000;
/** Frames of the peer that ask for an answer, beyond what a socket that takes nothing may keep. */
const MAX_BACKLOG_BYTES = 1_048_576;
const PING_PAYLOAD: Uint8Array = Buffer.from('polygate', 'latin1');

export class Connection implements StreamOwner {
  readonly streams: Map<number, Stream> = new Map();
  readonly peer: PeerSettings = defaultSettings();
  readonly sender: Sender;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #output: Output;
  readonly #reader: FrameReader;
  readonly #resets = new Set<number>();
  #forgotResets = false;
  #nextId = 1;
  /** How many chunks have come. */
  #chunks = 0;
  #ready = false;
  #draining = false;
  #closed = false;

  constructor(socket: Socket, owner: ConnectionOwner, clock: Clock) {
    this.#socket = socket;
    this.#owner = owner;
    this.#output = new Output(socket);
    this.sender = new Sender(this.#output, this.peer);
    this.#reader = new FrameReader(new Receiver(this, clock));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('drain', () => this.#onSocketDrain());
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
    // Nothing more can be answered to a peer that has ended its side.
    socket.on('end', () => this.#end(new Error('the peer has ended the connection')));
    this.#greet();
  }

  /** How many more streams may be opened now. */
  get room(): number {
    if (!this.#ready || this.#draining || this.#closed) return 0;
    return this.peer.maxConcurrentStreams - this.streams.size;
  }

  /** How many streams there have been. */
  get opened(): number {
    return (this.#nextId - 1) / 2;
  }

  /** Opens `stream` here; there must be room. */
  open(stream: Stream): void {
    stream.id = this.#nextId;
    this.#nextId += 2;
    stream.owner = this;
    stream.openedAt = this.#chunks;
    stream.begunAt = this.#output.flushes;
    stream.sendWindow = this.peer.initialWindow;
    stream.receiveWindow = STREAM_WINDOW;
    this.streams.set(stream.id, stream);
    this.sender.begin(stream);
    // 2^31 - 1 is the last id; a connection that has used them up ends behind its streams.
    if (this.#nextId > MAX_WINDOW) this.#drain();
  }

  send(stream: Stream): void {
    this.sender.send(stream);
    this.#finish(stream);
  }

  credit(stream: Stream): void {
    if (stream.owed < STREAM_WINDOW / 2) return;
    this.windowUpdate(stream.id, stream.owed);
    stream.receiveWindow += stream.owed;
    stream.owed = 0;
  }

  cancel(stream: Stream): void {
    this.reset(stream, ErrorCode.cancel);
    if (stream.openedAt === this.#chunks && !this.#closed) this.#owner.onUnanswered?.();
  }

  /** Ends the stream from our side, without a word to its listener. */
  reset(stream: Stream, code: number): void {
    this.#output.frame(4, FrameType.rstStream, 0, stream.id);
    this.#output.uint32(code);
    if (this.#resets.size >= REMEMBERED_RESETS) {
      this.#resets.clear();
      this.#forgotResets = true;
    }
    this.#resets.add(stream.id);
    this.#remove(stream);
  }

  /** The peer broke the protocol on this stream. */
  abort(stream: Stream, code: number, detail: string): void {
    this.reset(stream, code);
    const reached = stream.sawHead ? 'yes' : 'maybe';
    stream.listener.onFailed(this.#owner.errorOf({ how: 'violation', reached, detail }));
  }

  endRemote(stream: Stream): void {
    stream.remoteEnded = true;
    this.#finish(stream);
  }

  onReset(stream: Stream, code: number): void {
    this.#remove(stream);
    // Section 8.7: one that was refused has not been looked at.
    const unseen = code === ErrorCode.refusedStream ? 'no' : 'maybe';
    const reached = stream.sawHead ? 'yes' : unseen;
    const detail = `RST_STREAM with code ${code}`;
    stream.listener.onFailed(this.#owner.errorOf({ how: 'reset', reached, detail }));
  }

  /** `widened` is by how much the first window of streams has changed: those that are open follow (RFC 9113 section 6.9.2). */
  onSettings(widened: number): void {
    this.#output.frame(0, FrameType.settings, Flag.ack, 0);
    this.#checkBacklog();
    if (widened !== 0) {
      for (const stream of this.streams.values()) {
        stream.sendWindow += widened;
        if (stream.sendWindow > MAX_WINDOW) {
          throw new ConnectionFault(ErrorCode.flowControlError, 'the window of a stream overflows');
        }
      }
      if (widened > 0) this.sender.resume();
    }
    if (!this.#ready) {
      this.#ready = true;
      this.#owner.onReady();
    } else {
      this.#owner.onRoom();
    }
  }

  /** Streams above `lastId` were not and will not be looked at (RFC 9113 section 6.8). */
  onGoaway(lastId: number, code: number): void {
    this.#drain(code);
    const detail = `GOAWAY with code ${code}`;
    for (const stream of this.streams.values()) {
      if (stream.id <= lastId || stream.closed) continue;
      this.#remove(stream);
      stream.listener.onFailed(this.#owner.errorOf({ how: 'reset', reached: 'no', detail }));
    }
    this.#endIfDone();
  }

  /** Asks the peer for a sign of life. */
  ping(): void {
    this.#output.frame(PING_PAYLOAD.length, FrameType.ping, 0, 0);
    this.#output.append(PING_PAYLOAD);
  }

  pong(payload: Uint8Array): void {
    this.#checkBacklog();
    this.#output.frame(8, FrameType.ping, Flag.ack, 0);
    this.#output.append(payload);
  }

  windowUpdate(streamId: number, increment: number): void {
    this.#output.frame(4, FrameType.windowUpdate, 0, streamId);
    this.#output.uint32(increment);
  }

  /** Whether no stream of this id has been opened yet; those of even numbers never are. */
  isIdle(streamId: number): boolean {
    return streamId >= this.#nextId || (streamId & 1) === 0;
  }

  wasReset(streamId: number): boolean {
    return this.#forgotResets || this.#resets.has(streamId);
  }

  /** No new streams; the connection ends behind the last one that is open. */
  drain(): void {
    this.#drain();
    this.#endIfDone();
  }

  /** Ends every stream with `reason` and the connection behind what is written. */
  close(reason: GatewayError): void {
    for (const stream of this.streams.values()) {
      if (stream.closed) continue;
      this.reset(stream, ErrorCode.cancel);
      stream.listener.onFailed(reason);
    }
    this.#farewell(ErrorCode.noError);
    this.#end(undefined);
  }

  #greet(): void {
    const output = this.#output;
    output.append(this.#owner.preface);
    output.frame(18, FrameType.settings, 0, 0);
    for (const [id, value] of [
      [SettingId.enablePush, 0],
      [SettingId.initialWindowSize, STREAM_WINDOW],
      [SettingId.maxHeaderListSize, MAX_LIST_BYTES],
    ] as const) {
      output.uint16(id);
      output.uint32(value);
    }
    this.windowUpdate(0, CONNECTION_WINDOW - DEFAULT_WINDOW);
    output.flush();
  }

  #read(chunk: Buffer): void {
    if (this.#closed) return;
    this.#chunks++;
    try {
      this.#reader.read(chunk);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Says what was wrong and ends everything. */
  #fail(thrown: unknown): void {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    let code: number = ErrorCode.internalError;
    if (error instanceof ConnectionFault) ({ code } = error);
    if (error instanceof HpackFault) code = ErrorCode.compressionError;
    this.#farewell(code);
    this.#end(error, 'violation');
  }

  #farewell(code: number): void {
    if (this.#closed) return;
    this.#output.frame(8, FrameType.goaway, 0, 0);
    // The peer has opened no stream.
    this.#output.uint32(0);
    this.#output.uint32(code);
    this.#output.flush();
  }

  #onSocketDrain(): void {
    this.#output.congested = false;
    this.sender.resume();
    this.#output.flush();
  }

  /** What waits for a peer that reads nothing and asks on and on. */
  #checkBacklog(): void {
    if (this.#socket.writableLength > MAX_BACKLOG_BYTES && this.#output.congested) {
      throw new ConnectionFault(ErrorCode.enhanceYourCalm, 'the peer does not read its answers');
    }
  }

  #finish(stream: Stream): void {
    if (stream.localEnded && stream.remoteEnded && !stream.closed) this.#remove(stream);
  }

  #remove(stream: Stream): void {
    stream.close();
    this.sender.forget(stream);
    if (!this.streams.delete(stream.id) || this.#closed) return;
    if (this.#draining) this.#endIfDone();
    else this.#owner.onRoom();
  }

  #drain(goaway?: number): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#owner.onDraining(goaway);
  }

  #endIfDone(): void {
    if (!this.#draining || this.streams.size > 0) return;
    this.#farewell(ErrorCode.noError);
    this.#end(undefined);
  }

  #end(reason: Error | undefined, how: 'lost' | 'violation' = 'lost'): void {
    if (this.#closed) return;
    this.#closed = true;
    // What is written goes out first; a peer that does not read it is no reason to stay.
    if (this.#output.congested) this.#socket.destroy();
    else this.#socket.destroySoon();
    this.#output.close();
    const detail = reason?.message ?? 'the connection was ended';
    for (const stream of this.streams.values()) {
      stream.close();
      // One whose head still waits to be written has not left.
      const unseen = stream.begunAt === this.#output.flushes ? 'no' : 'maybe';
      const reached = stream.sawHead ? 'yes' : unseen;
      stream.listener.onFailed(this.#owner.errorOf({ how, reached, detail }));
    }
    this.streams.clear();
    this.#owner.onClosed(reason);
  }
}
