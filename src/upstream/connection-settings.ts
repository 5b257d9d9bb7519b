/** How the connections to each endpoint of an upstream are kept. Infinity is no limit; the defaults are those of the configuration. */
export interface ConnectionSettings {
  /** Open at the same time; one that is replaced counts no more. */
  readonly max: number;
  /** Calls that wait for a connection or for a stream. */
  readonly maxPending: number;
  /** Made before the first call, and kept without calls. */
  readonly warm: number;
  /** Until the service has said its SETTINGS: TCP, TLS and HTTP/2 together. */
  readonly connectTimeoutMs: number;
  /** A connection that has had no stream for so long is closed. */
  readonly idleTimeoutMs: number;
  /** Give or take a tenth: then another takes over, and this one is closed behind its last stream. */
  readonly maxAgeMs: number;
  /** Null sends no PING. */
  readonly keepalive: KeepaliveSettings | null;
}

/** The same of connections that carry one call at a time. */
export interface HttpConnectionSettings {
  readonly max: number;
  readonly maxPending: number;
  /** For TCP and TLS together. */
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export interface KeepaliveSettings {
  /** After so long without a byte from the service it is asked for one; pings are never closer to each other. */
  readonly intervalMs: number;
  /** A service that says nothing for so long behind a PING is gone. */
  readonly timeoutMs: number;
  /** Whether a connection without streams is asked, too. */
  readonly withoutStreams: boolean;
}
