/** REST: requests that match a google.api.http rule, or `POST /pkg.Service/Method`, in JSON. Source: google/api/http.proto. */
import { Call, type Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import { statusOf } from '../../call/status.ts';
import type { Exchange, Handler, Inbound } from '../../call/types.ts';
import { newId } from '../../lib/ids.ts';
import type { TimerWheel } from '../../lib/timer-wheel.ts';
import type { HttpTable } from '../../routing/http-table.ts';
import { metadataFrom } from './metadata.ts';
import { writeError, writeStream, writeUnary } from './reply.ts';
import { RestRequest } from './request.ts';
import type { RestTarget } from './target.ts';

export interface RestInboundOptions {
  readonly table: HttpTable<RestTarget>;
  readonly wheel: TimerWheel;
  /** The pipeline from the head on: observe, match, and the policies of the route. */
  readonly handle: Handler;
}

/** The protocol that takes whatever no other protocol has taken. */
export function createRestInbound(options: RestInboundOptions): Inbound {
  return {
    match: () => true,
    serve: (exchange) => void serveRest(exchange, options),
  };
}

/** Never rejects: every failure becomes an answer, and the outcome is told once. */
async function serveRest(
  exchange: Exchange,
  { table, wheel, handle }: RestInboundOptions,
): Promise<void> {
  const { head } = exchange;
  const request = new RestRequest(exchange, table);
  const call = new Call({
    id: newId(),
    protocol: 'rest',
    exchange,
    metadata: metadataFrom(head),
    body: request,
    router: request,
    wheel,
  });
  let gone: Outcome | null = null;
  exchange.onGone = () => {
    const error = new GatewayError('PG_CLIENT_GONE', 'the client left before the answer had ended');
    gone = { code: error.code, httpStatus: 499, error };
    call.cancel(error);
  };
  const done = new Promise<void>((resolve) => {
    exchange.onDone = resolve;
  });
  const outcome = await answer(call, request, handle);
  await done;
  call.finish(gone ?? outcome);
}

async function answer(call: Call, request: RestRequest, handle: Handler): Promise<Outcome> {
  try {
    const reply = await handle(call);
    const kind = request.target?.route.kind;
    const { target, mask } = request;
    if (target === undefined || call.preflight || kind === 'unary' || kind === 'client_stream') {
      return await writeUnary(call, target, reply, mask);
    }
    return await writeStream(call, target, reply, mask);
  } catch (error) {
    return writeError(call, request.target, statusOf(GatewayError.from(error)));
  }
}
