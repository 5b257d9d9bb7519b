/** What a connection and the one who keeps it, client or server, know of each other. */
import type { GatewayError, Reached } from '../call/error.ts';
import type { LimitName } from '../call/server.ts';
import type { DecodedSection } from './hpack/block-memo.ts';
import type { Side } from './side.ts';

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
  readonly side: Side;
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
  /** The peer begins stream `id`: `adopt` or `refuse` it. Absent where it may begin none. */
  accept?(id: number, section: DecodedSection, ended: boolean): void;
  /** Everything that has come so far was looked at. */
  onRead?(): void;
  /** A {@link Connection.ping} was answered. */
  onPong?(): void;
  /** A bound has ended the connection. */
  onLimit?(name: LimitName): void;
}
