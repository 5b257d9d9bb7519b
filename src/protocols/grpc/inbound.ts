/** gRPC from clients: `POST /pkg.Service/Method` over HTTP/2. Source: gRPC over HTTP/2 (PROTOCOL-HTTP2.md). */
import { Call, type Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import { statusOf } from '../../call/status.ts';
import type { Exchange, Handler, Inbound } from '../../call/types.ts';
import { newId } from '../../lib/ids.ts';
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

/** Every failure becomes an answer, and the outcome is told once. */
function serveGrpc(exchange: Exchange, { table, wheel, handle }: GrpcInboundOptions): void {
  const request = new GrpcRequest(exchange, table);
  const call = new Call({
    id: newId(),
    protocol: 'grpc',
    exchange,
    metadata: requestMetadata(exchange.head),
    body: request,
    router: request,
    wheel,
  });
  let gone: Outcome | null = null;
  let outcome: Outcome | null = null;
  let done = false;
  const finish = (): void => {
    if (done && outcome !== null) call.finish(gone ?? outcome);
  };
  exchange.onGone = () => {
    const error = new GatewayError('PG_CLIENT_GONE', 'the client left before the answer had ended');
    gone = { code: error.code, httpStatus: 499, error };
    call.cancel(error);
  };
  exchange.onDone = () => {
    done = true;
    finish();
  };
  void answer(call, handle).then((written) => {
    outcome = written;
    finish();
  });
}

/** Never rejects. */
async function answer(call: Call, handle: Handler): Promise<Outcome> {
  try {
    const reply = await handle(call);
    const kind = call.route?.kind;
    const unary = kind === 'unary' || kind === 'client_stream';
    return await (unary ? writeUnary(call, reply) : writeStream(call, reply));
  } catch (error) {
    return writeStatus(call, statusOf(GatewayError.from(error)));
  }
}
