/** REST: requests that match a google.api.http rule, or `POST /pkg.Service/Method`, in JSON. Source: google/api/http.proto. */
import { Call, type Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import { ExchangeEnd } from '../../call/exchange-end.ts';
import { statusOf } from '../../call/status.ts';
import type { Exchange, Handler, Inbound } from '../../call/types.ts';
import type { TimerWheel } from '../../lib/timer-wheel.ts';
import type { HttpTable } from '../../routing/http-table.ts';
import { metadataFrom } from './metadata.ts';
import { writeError, writeUnary } from './reply.ts';
import { type FindMethod, RestRequest } from './request.ts';
import { writeStream } from './stream-answer.ts';
import type { RestTarget } from './target.ts';

export interface RestInboundOptions {
  readonly table: HttpTable<RestTarget>;
  readonly wheel: TimerWheel;
  /** The method of this path, where RPC protocols find one: its preflights are answered here. */
  readonly methods: FindMethod;
  /** The pipeline from the head on: observe, match, and the policies of the route. */
  readonly handle: Handler;
}

/** The protocol that takes whatever no other protocol has taken. */
export function createRestInbound(options: RestInboundOptions): Inbound {
  return {
    match: () => true,
    serve: (exchange) => serveRest(exchange, options),
  };
}

function serveRest(
  exchange: Exchange,
  { table, methods, wheel, handle }: RestInboundOptions,
): void {
  const request = new RestRequest(exchange, table, methods);
  const call = new Call({
    protocol: 'rest',
    exchange,
    metadata: metadataFrom(exchange.head),
    body: request,
    router: request,
    wheel,
  });
  void run(call, request, handle);
}

/** Never rejects: every failure becomes an answer. */
async function run(call: Call, request: RestRequest, handle: Handler): Promise<void> {
  const end = new ExchangeEnd(call);
  let outcome: Outcome;
  try {
    const reply = await handle(call);
    const { target, mask } = request;
    const kind = target?.route.kind;
    if (target !== undefined && !call.preflight && kind !== 'unary' && kind !== 'client_stream') {
      outcome = await writeStream(call, target, reply, mask);
    } else {
      const status = reply.end instanceof Promise ? await reply.end : reply.end;
      const next = status.code === 'OK' ? reply.body.next() : undefined;
      const message = next instanceof Promise ? await next : next;
      const written = writeUnary(call, target, { reply, status, message }, mask);
      outcome = written instanceof Promise ? await written : written;
    }
  } catch (error) {
    outcome = await writeError(call, request.target, statusOf(GatewayError.from(error)));
  }
  end.settle(outcome);
}
