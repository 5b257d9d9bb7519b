/** What the path of a method leads to; made when a generation is built. */
import type { Binding } from '../binding/types.ts';
import type { Route } from '../call/types.ts';

export interface RpcTarget {
  readonly route: Route;
  /** Turns the whole message into JSON and back. */
  readonly json: Pick<Binding, 'bindNext' | 'json'>;
  /** Whether its idempotency_level is NO_SIDE_EFFECTS. */
  readonly sideEffectFree: boolean;
  /** Whose a POST is that no protocol claims. */
  readonly unaryJson: 'rest' | 'connect';
  /** For the message of a method with one request message. */
  readonly maxBodyBytes: number;
  /** For one message of a stream. */
  readonly maxMessageBytes: number;
}
