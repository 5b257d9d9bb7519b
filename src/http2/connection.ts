/** The life of one HTTP/2 connection, of either side: its streams from first to last, and the one end that all of them share. */
import type { Socket } from 'node:net';
import type { GatewayError } from '../call/error.ts';
import type { Clock } from '../lib/clock.ts';
import {
  writeGoaway,
  writePing,
  writeReset,
  writeSettings,
  writeWindowUpdate,
} from './control-frames.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import { Flood, FloodGate } from './flood.ts';
import { FrameReader } from './frame-reader.ts';
import { Flag, FrameType, MAX_WINDOW } from './frames.ts';
import type { DecodedSection } from './hpack/block-memo.ts';
import { leaveSocket } from './leave-socket.ts';
import { Output } from './output.ts';
import type { ConnectionOwner } from './owner.ts';
import { PeerStreams } from './peer-streams.ts';
import { ReceiveWindow } from './receive-window.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { defaultSettings, type PeerSettings } from './settings.ts';
import type { Side } from './side.ts';
import { BLOCK_SENT, type Stream, type StreamOwner } from './stream.ts';
import { StreamTable } from './stream-table.ts';
import { violationOf } from './violation.ts';

/** Beyond what a socket that takes nothing may keep: the peer is not read until it has read. */
const MAX_BACKLOG_BYTES = 1_048_576;
const PING_PAYLOAD = Buffer.from('polygate', 'latin1');

export class Connection implements StreamOwner {
  readonly streams: StreamTable = new StreamTable();
  readonly peer: PeerSettings = defaultSettings();
  readonly past: PeerStreams = new PeerStreams();
  readonly flood: FloodGate;
  readonly window: ReceiveWindow;
  readonly sender: Sender;
  readonly output: Output;
  readonly #socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #side: Side;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #receiver: Receiver;
  /** Streams that we have ended while the peer still sends; looked at behind each chunk. */
  #halfOpen: Stream[] = [];
  #reading = false;
  #nextId: number;
  /** How many chunks have come. */
  #chunks = 0;
  #ready = false;
  #draining = false;
  #closed = false;

  constructor(socket: Socket, owner: ConnectionOwner, clock: Clock) {
    const { side } = owner;
    this.#side = side;
    this.#socket = socket;
    this.#owner = owner;
    this.#clock = clock;
    this.#nextId = side.parity === 1 ? 1 : 2;
    this.flood = new FloodGate(clock, side.grants);
    this.window = new ReceiveWindow(side.grants, (increment) =>
      writeWindowUpdate(this.output, 0, increment),
    );
    this.output = new Output(socket);
    this.sender = new Sender(this.output, this.peer, (stream) => this.#onSent(stream));
    this.#receiver = new Receiver(this, side);
    this.#reader = new FrameReader(this.#receiver, side.peerPreface);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('drain', () => this.#onSocketDrain());
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('the connection was closed')));
    // Nothing more can be answered to a peer that has ended its side.
    socket.on('end', () => this.#onPeerEnd());
    this.#greet();
  }

  /** How many more streams may be opened now. */
  get room(): number {
    if (!this.#ready || this.#draining || this.#closed) return 0;
    return this.peer.maxConcurrentStreams - this.streams.size;
  }

  /** How many streams there have been. */
  get opened(): number {
    return (this.#nextId >> 1) + ((this.past.lastId + 1) >> 1);
  }

  get ready(): boolean {
    return this.#ready;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The number of the frame, or else of the header block, that has come in part; -1 where there is none. */
  get cutFrame(): number {
    return this.#reader.cut ? this.#reader.frames : -1;
  }

  get openBlock(): number {
    return this.#receiver.openBlock;
  }

  /** What has come; bytes that somebody has read from the socket before are given to it here. */
  read(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#chunks++;
    this.#reading = true;
    try {
      this.#reader.read(chunk);
      this.#owner.onRead?.();
      if (this.#halfOpen.length > 0) this.#resetHalfOpen();
    } catch (error) {
      this.#fail(error);
    }
    this.#reading = false;
    // Answers without a body are held up by no window: who doesn't read them is not read either.
    if (!this.#closed && this.#socket.writableLength > MAX_BACKLOG_BYTES) this.#socket.pause();
  }

  /** Opens `stream` here; there must be room. */
  open(stream: Stream): void {
    const id = this.#nextId;
    this.#nextId += 2;
    this.#add(stream, id);
    this.sender.begin(stream);
    stream.block = BLOCK_SENT;
    // 2^31 - 1 is the last id; a connection that has used them up ends behind its streams.
    if (this.#nextId > MAX_WINDOW) this.#drain();
  }

  /** Whether HEADERS on `id` begin a stream of the peer. */
  mayBegin(id: number): boolean {
    if (this.#owner.accept === undefined || (id & 1) === this.#side.parity) return false;
    if (id > this.past.lastId) return true;
    if (!this.past.passedOver(id)) return false;
    throw new ConnectionFault(ErrorCode.protocolError, 'a stream that was passed over');
  }

  accept(id: number, section: DecodedSection, ended: boolean): void {
    this.past.open(id);
    // Section 6.8: what comes behind our GOAWAY is ignored.
    if (this.#draining) this.past.reset(id);
    else this.#owner.accept?.(id, section, ended);
  }

  /** `stream` is the one that the peer begins with `id`. */
  adopt(stream: Stream, id: number, ended: boolean): void {
    this.#add(stream, id);
    stream.sawHead = true;
    stream.remoteEnded = ended;
  }

  /** The stream that the peer begins with `id` is none. */
  refuse(id: number, code: number): void {
    this.past.reset(id);
    writeReset(this.output, id, code);
    this.flood.count(Flood.resets);
  }

  write(stream: Stream, prefix: Uint8Array, bytes: Uint8Array, end: boolean): boolean {
    return this.sender.write(stream, prefix, bytes, end);
  }

  /** `bytes` have come for somebody to read. */
  hold(stream: Stream, bytes: number): void {
    stream.unread += bytes;
    this.window.hold(bytes);
  }

  /** They go back to the connection, but not to the stream: nobody wants more of it. */
  drop(stream: Stream, bytes: number): void {
    stream.unread -= bytes;
    this.window.release(bytes);
  }

  credit(stream: Stream, bytes: number): void {
    this.drop(stream, bytes);
    if (stream.remoteEnded) return;
    stream.owed += bytes;
    if (stream.owed < this.#side.grants.streamWindow / 2) return;
    writeWindowUpdate(this.output, stream.id, stream.owed);
    stream.receiveWindow += stream.owed;
    stream.owed = 0;
  }

  cancel(stream: Stream): void {
    this.reset(stream, ErrorCode.cancel);
    if (stream.openedAt === this.#chunks && !this.#closed) this.#owner.onUnanswered?.();
  }

  /** Ends the stream from our side, without a word to its listener. */
  reset(stream: Stream, code: number): void {
    writeReset(this.output, stream.id, code);
    this.past.reset(stream.id);
    this.#remove(stream);
  }

  /** The peer broke the protocol on this stream. */
  abort(stream: Stream, code: number, detail: string): void {
    this.reset(stream, code);
    const reached = stream.sawHead ? 'yes' : 'maybe';
    stream.listener.onFailed(this.#owner.errorOf({ how: 'violation', reached, detail }));
    this.flood.count(Flood.resets);
  }

  endRemote(stream: Stream): void {
    stream.remoteEnded = true;
    if (stream.localEnded && !stream.closed) this.#remove(stream);
  }

  onReset(stream: Stream, code: number): void {
    this.#remove(stream);
    // Section 8.7: one that was refused has not been looked at.
    const unseen = code === ErrorCode.refusedStream ? 'no' : 'maybe';
    const reached = stream.sawHead ? 'yes' : unseen;
    const detail = `RST_STREAM with code ${code}`;
    stream.listener.onFailed(this.#owner.errorOf({ how: 'reset', reached, detail }));
    this.flood.count(Flood.resets);
  }

  /** `widened` is by how much the first window of streams has changed: those that are open follow (RFC 9113 section 6.9.2). */
  onSettings(widened: number): void {
    this.output.frame(0, FrameType.settings, Flag.ack, 0);
    if (widened !== 0) {
      for (const stream of this.streams.all()) {
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

  /** Streams of ours above `lastId` were not and will not be looked at (RFC 9113 section 6.8). */
  onGoaway(lastId: number, code: number): void {
    const detail = `GOAWAY with code ${code}`;
    this.#drain(code);
    for (const stream of this.streams.all()) {
      if (stream.id <= lastId || (stream.id & 1) !== this.#side.parity || stream.closed) continue;
      this.#remove(stream);
      // One that has begun to answer was looked at, whatever it says now.
      const reached = stream.sawHead ? 'yes' : 'no';
      stream.listener.onFailed(this.#owner.errorOf({ how: 'reset', reached, detail }));
    }
    this.#endIfDone();
  }

  /** Asks the peer for a sign of life. */
  ping(): void {
    writePing(this.output, PING_PAYLOAD, 0);
  }

  pong(payload: Uint8Array): void {
    writePing(this.output, payload, Flag.ack);
  }

  onPong(): void {
    this.#owner.onPong?.();
  }

  /** Says up to which of the peer's streams we look at any. */
  goaway(lastId: number, code: number): void {
    writeGoaway(this.output, lastId, code);
  }

  /** Whether no stream of this id has been opened yet. */
  isIdle(streamId: number): boolean {
    const ours = (streamId & 1) === this.#side.parity;
    return ours ? streamId >= this.#nextId : streamId > this.past.lastId;
  }

  /** No new streams; the connection ends behind the last one that is open. */
  drain(): void {
    this.#drain();
    this.#endIfDone();
  }

  /** Ends every stream with `reason` and the connection behind what is written. */
  close(reason: GatewayError, code: number = ErrorCode.noError): void {
    for (const stream of this.streams.all()) {
      if (stream.closed) continue;
      this.reset(stream, ErrorCode.cancel);
      stream.listener.onFailed(reason);
    }
    this.#farewell(code);
    this.#end(undefined);
  }

  #greet(): void {
    this.output.append(this.#side.preface);
    writeSettings(this.output, this.#side.settings);
    this.window.open();
    this.output.flush();
  }

  #add(stream: Stream, id: number): void {
    stream.id = id;
    stream.owner = this;
    stream.openedAt = this.#chunks;
    stream.begunAt = this.output.flushes;
    stream.sendWindow = this.peer.initialWindow;
    stream.receiveWindow = this.#side.grants.streamWindow;
    this.streams.add(stream);
  }

  /** Says what was wrong and ends everything. */
  #fail(thrown: unknown): void {
    const { error, code, limit } = violationOf(thrown);
    if (limit !== undefined) this.#owner.onLimit?.(limit);
    this.#farewell(code);
    this.#end(error, 'violation');
  }

  #farewell(code: number): void {
    if (this.#closed) return;
    this.goaway(this.past.lastId, code);
    this.output.flush();
  }

  #onSocketDrain(): void {
    this.output.congested = false;
    this.sender.resume();
    this.output.flush();
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  #onPeerEnd(): void {
    if (this.#closed) this.#socket.destroy();
    else this.#end(new Error('the peer has ended the connection'));
  }

  /** Our side of `stream` has ended. */
  #onSent(stream: Stream): void {
    if (stream.remoteEnded) this.#remove(stream);
    else if ((stream.id & 1) !== this.#side.parity) this.#halfOpen.push(stream);
    stream.onSent();
    if (this.#halfOpen.length > 0 && !this.#reading) this.#resetHalfOpen();
  }

  /** RFC 9113 section 8.1: nobody reads the rest of a request that has its whole answer. */
  #resetHalfOpen(): void {
    const streams = this.#halfOpen;
    this.#halfOpen = [];
    for (const stream of streams) if (!stream.closed) this.reset(stream, ErrorCode.noError);
  }

  #remove(stream: Stream): void {
    if (stream.unread > 0) this.drop(stream, stream.unread);
    stream.close();
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
    if (this.output.congested) this.#socket.destroy();
    else leaveSocket(this.#socket, this.#side.lingerMs, this.#clock);
    this.output.close();
    const detail = reason?.message ?? 'the connection was ended';
    for (const stream of this.streams.all()) {
      if (stream.closed) continue;
      stream.close();
      // One whose head still waits to be written has not left.
      const unseen = stream.begunAt === this.output.flushes ? 'no' : 'maybe';
      const reached = stream.sawHead ? 'yes' : unseen;
      stream.listener.onFailed(this.#owner.errorOf({ how, reached, detail }));
    }
    this.streams.clear();
    this.#owner.onClosed(reason);
  }
}
