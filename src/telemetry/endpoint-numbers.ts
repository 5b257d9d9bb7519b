/** The numbers of one endpoint of an upstream, as a scrape reads them. Whoever keeps the connections counts in fields of its own. */

export interface EndpointNumbers {
  /** Open now, those that drain included. */
  readonly connections: number;
  /** Since the start: those that became ready, and tries that did not. */
  readonly connectionsMade: number;
  readonly connectionsFailed: number;
  /** Open now, and opened since the start. */
  readonly streams: number;
  readonly streamsOpened: number;
  /** Calls that wait for a connection or for a stream. */
  readonly queued: number;
  /** Calls that got none. */
  readonly refused: number;
  /** Streams that ended before their time: by the service, with the connection, or for breaking the protocol. */
  readonly resets: number;
  readonly lost: number;
  readonly violations: number;
  readonly pings: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}
