/** gRPC clients in front of the gRPC inbound and outbound, without the rest of the gateway. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Attempt } from '../../src/call/attempt.ts';
import type { Call, Outcome } from '../../src/call/call.ts';
import type { CallKind, Exchange, Handler, Routed } from '../../src/call/types.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { TimerWheel } from '../../src/lib/timer-wheel.ts';
import { createGrpcInbound } from '../../src/protocols/grpc/inbound.ts';
import { createGrpcOutbound } from '../../src/protocols/grpc/outbound.ts';
import type { RpcTarget } from '../../src/rpc/target.ts';
import { createRpcTable } from '../../src/routing/rpc-table.ts';
import { createHttp2Transport } from '../../src/upstream/http2-transport.ts';
import { connectionSettings } from './connections.ts';

const METHODS: Readonly<Record<string, CallKind>> = {
  Get: 'unary',
  Watch: 'server_stream',
  Upload: 'client_stream',
  Talk: 'bidi',
};
/** Its clients speak protobuf alone. */
const NO_JSON: RpcTarget['json'] = {
  bindNext: () => assert.fail('nobody sends JSON'),
  json: () => assert.fail('nobody asks for JSON'),
};
export const FRONT_MESSAGE_BYTES = 100_000;

export interface GrpcFront {
  readonly port: number;
  /** How the calls have ended, in that order. */
  readonly outcomes: readonly Outcome[];
  readonly calls: readonly Call[];
  /** Resolves when so many calls have ended. */
  ended(count: number): Promise<void>;
}

export interface GrpcFrontOptions {
  /** Stands where policies do. */
  readonly around?: (next: Handler<Routed>) => Handler<Routed>;
  readonly maxBytes?: number;
  readonly clock?: Clock;
}

export type StartGrpcFront = (
  t: TestContext,
  peerPort: number,
  options?: GrpcFrontOptions,
) => Promise<GrpcFront>;

/** A server whose exchanges the inbound serves. */
export type OpenFront = (
  serve: (exchange: Exchange) => void,
) => Promise<{ readonly port: number; close(): void | Promise<void> }>;

export function grpcFrontOn(open: OpenFront): StartGrpcFront {
  return (t, peerPort, options = {}) => startGrpcFront(t, peerPort, open, options);
}

async function startGrpcFront(
  t: TestContext,
  peerPort: number,
  open: OpenFront,
  {
    around = (next) => next,
    maxBytes = FRONT_MESSAGE_BYTES,
    clock = systemClock,
  }: GrpcFrontOptions,
): Promise<GrpcFront> {
  const endpoint = { address: `127.0.0.1:${peerPort}` };
  const transport = createHttp2Transport({
    endpoints: [endpoint],
    clock,
    random: systemRandom,
    connections: connectionSettings(),
  });
  const outbound = createGrpcOutbound({ transport, maxMessageBytes: maxBytes });
  const table = createRpcTable<RpcTarget>();
  const handle = around((call) => outbound.send(new Attempt(call, endpoint, 1)));
  for (const [method, kind] of Object.entries(METHODS)) {
    const rpc = `/fault.v1.Fault/${method}`;
    const route = { name: rpc.slice(1), rpc, kind, handle, letIn: null };
    table.add(rpc, {
      route,
      json: NO_JSON,
      sideEffectFree: false,
      unaryJson: 'rest',
      maxBodyBytes: maxBytes,
      maxMessageBytes: maxBytes,
    });
  }
  const outcomes: Outcome[] = [];
  const calls: Call[] = [];
  let look = (): void => {};
  const inbound = createGrpcInbound({
    table: table.build(),
    wheel: new TimerWheel(clock),
    handle: async (call) => {
      calls.push(call);
      call.observer = {
        finished(_, outcome) {
          outcomes.push(outcome);
          look();
        },
      };
      call.route = call.router.route(call);
      return call.route.handle(call as Routed);
    },
  });
  const front = await open((exchange) => inbound.serve(exchange));
  t.after(async () => {
    outbound.close();
    await front.close();
  });
  return {
    port: front.port,
    outcomes,
    calls,
    ended: (count) =>
      new Promise((resolve) => {
        look = () => {
          if (outcomes.length >= count) resolve();
        };
        look();
      }),
  };
}
