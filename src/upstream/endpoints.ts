/** The endpoints of an upstream and who is next: round robin until balancing has a folder of its own. */
import { Attempt } from '../call/attempt.ts';
import type { Endpoint, Handler, Outbound, Routed } from '../call/types.ts';

/** The innermost handler of a route: one attempt at the next endpoint. `endpoints` has at least one. */
export function sendTo(outbound: Outbound, endpoints: readonly Endpoint[]): Handler<Routed> {
  let turn = 0;
  return (call) => {
    const endpoint = endpoints[turn];
    if (endpoint === undefined) throw new Error('an upstream has no endpoint');
    turn = turn + 1 === endpoints.length ? 0 : turn + 1;
    return outbound.send(new Attempt(call, endpoint, 1));
  };
}
