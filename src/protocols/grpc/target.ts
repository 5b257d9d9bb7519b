/** What the path of a method leads to; made when a generation is built. */
import type { Route } from '../../call/types.ts';

export interface GrpcTarget {
  readonly route: Route;
  /** For the message of a method with one request message. */
  readonly maxBodyBytes: number;
  /** For one message of a stream. */
  readonly maxMessageBytes: number;
}
