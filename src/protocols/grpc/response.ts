/** What a call needs of whatever reads the messages of its answer. */
import type { GatewayError } from '../../call/error.ts';
import type { Status } from '../../call/status.ts';

/** The call whose answer it is. */
export interface ResponseOwner {
  /** So many received bytes have been used up. */
  credit(bytes: number): void;
  /** A message has moved. */
  touch(): void;
  /** Every message before the status has been read. */
  settle(status: Status): void;
  /** The answer is broken. */
  fail(reason: GatewayError): void;
}

/** Once the call is over, `close` was called and nothing else is. */
export interface ResponseReader {
  push(bytes: Uint8Array): void;
  /** The service has said how it ended; that counts when what came before it was read. */
  finish(status: Status): void;
  /** The call is over; `reason` unless it was settled. */
  close(reason: GatewayError | null): void;
}
