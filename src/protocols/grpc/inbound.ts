/** gRPC from clients: `POST /pkg.Service/Method` over HTTP/2. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2.md). */
import { Call, type Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import { ExchangeEnd } from '../../call/exchange-end.ts';
import { statusOf } from '../../call/status.ts';
import type { Exchange, Handler, Inbound } from '../../call/types.ts';
import type { TimerWheel } from '../../lib/timer-wheel.ts';
import type { RpcTable } from '../../routing/rpc-table.ts';
import { writeStatus, writeStream, writeUnary } from './answer.ts';
import { isGrpc } from './content-type.ts';
import { requestMetadata } from './metadata.ts';
import { GrpcRequest } from './request.ts';
import type { GrpcTarget } from './target.ts';

export interface GrpcInboundOptions {
  readonly table: RpcTable<GrpcTarget>;
  readonly wheel: TimerWheel;
  /** The pipeline from the head on: observe, match, and the policies of the route. */
  readonly handle: Handler;
}

export function createGrpcInbound(options: GrpcInboundOptions): Inbound {
  return {
    match: isGrpc,
    serve: (exchange) => serveGrpc(exchange, options),
  };
}

function serveGrpc(exchange: Exchange, { table, wheel, handle }: GrpcInboundOptions): void {
  const request = new GrpcRequest(exchange, table);
  const call = new Call({
    protocol: 'grpc',
    exchange,
    metadata: requestMetadata(exchange.head),
    body: request,
    router: request,
    wheel,
  });
  void run(call, handle);
}

/** Never rejects: every failure becomes an answer. */
async function run(call: Call, handle: Handler): Promise<void> {
  const end = new ExchangeEnd(call);
  let outcome: Outcome;
  try {
    const reply = await handle(call);
    const kind = call.route?.kind;
    const unary = kind === 'unary' || kind === 'client_stream';
    outcome = await (unary ? writeUnary(call, reply) : writeStream(call, reply));
  } catch (error) {
    outcome = writeStatus(call, statusOf(GatewayError.from(error)));
  }
  end.settle(outcome);
}
