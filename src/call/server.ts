/**
 * What the connection of a client and the listener that has accepted it know of each other, whatever protocol it speaks: `http1/` and
 * `http2/` make connections, `listen/` decides which and keeps them.
 */
import type { TimerWheel } from '../lib/timer-wheel.ts';
import type { GatewayError } from './error.ts';
import type { Exchange, HeaderList } from './types.ts';

/** A complete answer, for requests that never become an exchange. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array;
}

/** What a client may take of the gateway before anybody knows what it wants. Times in milliseconds. */
export interface ConnectionLimits {
  /** From the accept to the first byte, a TLS handshake included. */
  readonly firstByteMs: number;
  /** From the first byte of a head to its last. */
  readonly headMs: number;
  /** Between two parts of a body that somebody waits for. */
  readonly bodyMs: number;
  /** Without a request. */
  readonly idleMs: number;
  /** An answer that the client does not read. */
  readonly writeMs: number;
  /** All headers of a request as they came, the request line included; on HTTP/2 as RFC 9113 section 10.5.1 counts them. */
  readonly headerBytes: number;
  readonly headers: number;
  /** Path and query. */
  readonly targetBytes: number;
  /** HTTP/1.1: requests that wait unparsed behind the one at work, until reading stops. */
  readonly pipelinedBytes: number;
  /** HTTP/2: streams at a time. */
  readonly streams: number;
  /** HTTP/2: streams per second that the client resets, or makes us reset. */
  readonly resetsPerSecond: number;
  /** HTTP/2: SETTINGS, PING, PRIORITY, empty and unknown frames, of each kind, per second. */
  readonly controlFramesPerSecond: number;
  /** HTTP/2: the compressed header block of one stream, in HEADERS and CONTINUATION. */
  readonly headerBlockBytes: number;
  /** HTTP/2: the dynamic table that the client may keep. */
  readonly headerTableBytes: number;
}

/** What may stop a client: the labels of a metric. */
export const LIMIT_NAMES = [
  'connections',
  'connections_per_address',
  'calls',
  'first_byte',
  'head',
  'body',
  'idle',
  'write',
  'header_bytes',
  'headers',
  'target',
  'pipelined',
  'body_bytes',
  'streams',
  'resets',
  'control_frames',
  'header_block',
  'header_table',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

/** The listener, as its connections see it. */
export interface ConnectionHost {
  readonly scheme: 'http' | 'https';
  /** For every bound of time; its clock is the clock of the connection. */
  readonly wheel: TimerWheel;
  readonly limits: ConnectionLimits;
  /** Takes every request whose head could be read. */
  serve(exchange: Exchange): void;
  /** What one is answered that could not. */
  refuse(error: GatewayError): PlainAnswer;
  /** A bound has stopped something. Told once for each time. */
  onLimit(name: LimitName): void;
}

export interface ServerConnection {
  /** No further request: an idle connection closes at once, a busy one behind what it is at, each told in the way of its protocol. */
  drain(): void;
  /** Ends it at once. */
  cut(): void;
}
