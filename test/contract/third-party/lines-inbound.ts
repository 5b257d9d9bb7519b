/** The inbound of the toy protocol: `POST /pkg.Service/Method` with `application/x-lines`, metadata behind `m-`. */
import { Call, type Outcome } from '../../../src/call/call.ts';
import { GatewayError } from '../../../src/call/error.ts';
import { ExchangeEnd } from '../../../src/call/exchange-end.ts';
import { addForwarded } from '../../../src/call/forwarded.ts';
import { Metadata } from '../../../src/call/metadata.ts';
import { type Status, statusOf } from '../../../src/call/status.ts';
import type { Exchange, Handler, Inbound, Reply, Route, Sink } from '../../../src/call/types.ts';
import type { InboundEnvironment } from '../any-inbound/adapter.ts';
import { addField, endLine, fieldsOf, lineOf, messageLine } from './lines.ts';
import { LinesRequest } from './lines-request.ts';

const TYPE = 'application/x-lines';

export function createLinesInbound(environment: InboundEnvironment): Inbound {
  const routes = new Map(environment.routes.map((route) => [route.rpc, route]));
  return {
    match: (head) => head.header('content-type') === TYPE,
    serve: (exchange) => serve(exchange, routes, environment),
  };
}

function serve(
  exchange: Exchange,
  routes: ReadonlyMap<string, Route>,
  { maxMessageBytes, wheel, handle }: InboundEnvironment,
): void {
  const { head } = exchange;
  const request = new LinesRequest(exchange.body, maxMessageBytes);
  const metadata = new Metadata();
  head.eachHeader((name, value) => {
    if (name.startsWith('m-')) addField(metadata, name.slice(2), value);
  });
  addForwarded(metadata, head);
  const router = {
    route(call: Call): Route {
      const route = routes.get(head.path);
      if (route === undefined) throw new GatewayError('PG_METHOD_NOT_FOUND', 'no such method');
      request.single = route.kind === 'unary' || route.kind === 'server_stream';
      call.shorten(call.startMs + Number(head.header('lines-timeout-ms') ?? Infinity));
      return route;
    },
  };
  const call = new Call({ protocol: 'lines', exchange, metadata, body: request, router, wheel });
  void run(call, handle);
}

/** Never rejects: every failure becomes an answer. */
async function run(call: Call, handle: Handler): Promise<void> {
  const end = new ExchangeEnd(call);
  let outcome: Outcome;
  try {
    outcome = await write(call, await handle(call));
  } catch (error) {
    outcome = writeWhole(call, statusOf(GatewayError.from(error)), null);
  }
  end.settle(outcome);
}

async function write(call: Call, reply: Reply): Promise<Outcome> {
  const kind = call.route?.kind;
  if (kind === 'server_stream' || kind === 'bidi') {
    // A status that is known before the first message is all that comes.
    return reply.end instanceof Promise
      ? writeStream(call, reply, reply.end)
      : writeWhole(call, reply.end, reply);
  }
  const status = await reply.end;
  if (status.code !== 'OK') return writeWhole(call, status, reply);
  const message = await reply.body.next();
  if (message === undefined) {
    throw new GatewayError('PG_UPSTREAM_CARDINALITY', 'OK without a message', { reached: 'yes' });
  }
  return writeWhole(call, status, reply, messageLine(message.bytes));
}

function writeWhole(call: Call, status: Status, reply: Reply | null, message?: Buffer): Outcome {
  const lines = [lineOf({ head: fieldsOf(reply?.metadata ?? null) })];
  if (message !== undefined) lines.push(message);
  lines.push(endLine(status, call.id));
  const headers = ['content-type', TYPE, ...call.answerHeaders];
  call.exchange.answer(200, headers, Buffer.concat(lines));
  return { code: status.code, httpStatus: 200, error: status.error };
}

async function writeStream(
  call: Call,
  { metadata, body }: Reply,
  end: Promise<Status>,
): Promise<Outcome> {
  const sink = call.exchange.start(200, ['content-type', TYPE, ...call.answerHeaders]);
  let status: Status;
  try {
    sink.write(lineOf({ head: fieldsOf(metadata) }));
    for (let next = await body.next(); next !== undefined; next = await body.next()) {
      if (!sink.write(messageLine(next.bytes))) await drained(call, sink);
    }
    status = await end;
  } catch (error) {
    const reason = GatewayError.from(error);
    body.cancel(reason);
    status = statusOf(reason);
  }
  sink.write(endLine(status, call.id));
  sink.end(null);
  return { code: status.code, httpStatus: 200, error: status.error };
}

/** A cancellation wakes who waits for a client that does not read. */
function drained(call: Call, sink: Sink): Promise<void> {
  return new Promise((resolve, reject) => {
    if (call.cancelled !== null) {
      reject(call.cancelled);
      return;
    }
    call.onStalled = reject;
    sink.onDrain = () => {
      call.onStalled = null;
      resolve();
    };
  });
}
