/** One inbound for every protocol whose messages travel in envelopes; what differs is its dialect. */
import { Call, type Outcome } from '../call/call.ts';
import { GatewayError } from '../call/error.ts';
import { ExchangeEnd } from '../call/exchange-end.ts';
import { statusOf } from '../call/status.ts';
import type { Exchange, Handler, Inbound } from '../call/types.ts';
import type { TimerWheel } from '../lib/timer-wheel.ts';
import type { RpcTable } from '../routing/rpc-table.ts';
import { writeStatus, writeStream, writeUnary } from './answer.ts';
import type { RpcDialect } from './dialect.ts';
import { requestMetadata } from './metadata.ts';
import { RpcRequest } from './request.ts';
import type { RpcTarget } from './target.ts';
import { TranscodedRequest } from './transcoded-request.ts';

export interface RpcInboundOptions {
  readonly table: RpcTable<RpcTarget>;
  readonly wheel: TimerWheel;
  /** The pipeline from the head on: observe, match, and the policies of the route. */
  readonly handle: Handler;
}

export function createRpcInbound(dialect: RpcDialect, options: RpcInboundOptions): Inbound {
  return {
    match: (head) => dialect.match(head),
    serve: (exchange) => serveRpc(exchange, dialect, options),
  };
}

function serveRpc(
  exchange: Exchange,
  dialect: RpcDialect,
  { table, wheel, handle }: RpcInboundOptions,
): void {
  const request = new RpcRequest(exchange, table, dialect);
  const call = new Call({
    protocol: dialect.protocol,
    exchange,
    metadata: requestMetadata(exchange.head),
    body: request.wire?.codec === 'json' ? new TranscodedRequest(request) : request,
    router: request,
    wheel,
  });
  void run(call, request, handle);
}

/** Never rejects: every failure becomes an answer. */
async function run(call: Call, request: RpcRequest, handle: Handler): Promise<void> {
  const end = new ExchangeEnd(call);
  let outcome: Outcome;
  try {
    const reply = await handle(call);
    const kind = call.route?.kind;
    const unary = kind === 'unary' || kind === 'client_stream';
    const written = unary ? writeUnary(call, request, reply) : writeStream(call, request, reply);
    outcome = written instanceof Promise ? await written : written;
  } catch (error) {
    outcome = writeStatus(call, request, statusOf(GatewayError.from(error)));
  }
  end.settle(outcome);
}
