/** What is wrong with messages on the wire, told by whose they are. Codes as gRPC has them for such cases (statuscodes.md). */
import { GatewayError } from '../call/error.ts';

export interface Faults {
  tooLarge(): GatewayError;
  /** `what` goes on behind "the client" or "the service". */
  malformed(what: string): GatewayError;
}

export const OF_CLIENT: Faults = {
  tooLarge: () => new GatewayError('PG_BODY_TOO_LARGE', 'a message of the client is too large'),
  malformed: (what) => new GatewayError('PG_BAD_ENVELOPE', `the client ${what}`),
};

export const OF_SERVICE: Faults = {
  tooLarge: () =>
    new GatewayError('PG_RESPONSE_TOO_LARGE', 'a message of the service is too large', {
      reached: 'yes',
    }),
  malformed: (what) =>
    new GatewayError('PG_UPSTREAM_PROTOCOL', `the service ${what}`, { reached: 'yes' }),
};

/** What a method with one response message is answered with; `found` goes on behind "the service". */
export function notOneAnswer(found: string): GatewayError {
  return new GatewayError('PG_UPSTREAM_CARDINALITY', `the service ${found}`, { reached: 'yes' });
}
