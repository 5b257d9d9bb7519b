/** Unary calls of Connect: plain HTTP requests. Source: the Connect protocol reference, "Unary (Request-Response) RPCs". */
import { Call, type Outcome } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import { ExchangeEnd } from '../../call/exchange-end.ts';
import { statusOf } from '../../call/status.ts';
import type { Exchange, Handler, Inbound, RequestHead } from '../../call/types.ts';
import type { RpcTable } from '../../routing/rpc-table.ts';
import type { RpcInboundOptions } from '../../rpc/inbound.ts';
import { requestMetadata } from '../../rpc/metadata.ts';
import type { RpcTarget } from '../../rpc/target.ts';
import { isConnectGet, namesMethod } from './get-message.ts';
import { writeAnswer, writeError } from './unary-answer.ts';
import { UnaryRequest } from './unary-request.ts';

export function createConnectUnaryInbound(options: RpcInboundOptions): Inbound {
  return {
    match: (head) => isUnary(head, options.table),
    serve: (exchange) => serveUnary(exchange, options),
  };
}

/** A GET is Connect's where it can be; a POST where it says so, and where the route has it that nobody else is meant. */
function isUnary(head: RequestHead, table: RpcTable<RpcTarget>): boolean {
  const { verb, path, query } = head;
  if (verb === 'GET') {
    return isConnectGet(query) && (table.match(path) !== undefined || namesMethod(path, query));
  }
  if (/^application\/proto\s*(?:;|$)/i.test(head.header('content-type') ?? '')) return true;
  if (head.header('connect-protocol-version') !== undefined) return verb !== 'OPTIONS';
  return verb === 'POST' && table.match(path)?.unaryJson === 'connect';
}

function serveUnary(exchange: Exchange, { table, wheel, handle }: RpcInboundOptions): void {
  const request = new UnaryRequest(exchange, table);
  const call = new Call({
    protocol: 'connect',
    exchange,
    metadata: requestMetadata(exchange.head),
    body: request,
    router: request,
    wheel,
  });
  void run(call, request, handle);
}

/** Never rejects: every failure becomes an answer. */
async function run(call: Call, request: UnaryRequest, handle: Handler): Promise<void> {
  const end = new ExchangeEnd(call);
  let outcome: Outcome;
  try {
    outcome = await writeAnswer(call, request, await handle(call));
  } catch (error) {
    outcome = writeError(call, statusOf(GatewayError.from(error)));
  }
  end.settle(outcome);
}
