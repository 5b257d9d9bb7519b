/**
 * Health for gRPC balancers and probes: the gateway's own readiness, for itself (the empty name) and for each service that is routed.
 * Source: grpc/health/v1/health.proto and doc/health-checking.md of gRPC.
 */
import { EMPTY_BODY, SingleBody } from '../call/body.ts';
import { GatewayError } from '../call/error.ts';
import { OK } from '../call/status.ts';
import type { Handler, Reply, Routed } from '../call/types.ts';
import { readService, type ServingStatus, writeHealth, writeHealthList } from './health-wire.ts';
import { streamReply } from './local-stream.ts';
import type { Readiness } from './readiness.ts';
import type { LocalMethod } from './types.ts';

export const HEALTH_SERVICE = 'grpc.health.v1.Health';

export interface HealthOptions {
  /** Full names of what has a health. */
  readonly services: readonly string[];
  readonly readiness: Readiness;
}

export function createHealth({ services, readiness }: HealthOptions): LocalMethod[] {
  const known = new Set(['', ...services]);
  const listed = [...known].toSorted();
  const unary = (name: string, answer: (request: Uint8Array) => Reply): LocalMethod =>
    method(name, async (call) => answer(await requestOf(call)));
  return [
    unary('Check', (request) => {
      const service = readService(request);
      return known.has(service) ? single(writeHealth(statusOf(readiness))) : unknown(service);
    }),
    unary('List', () => single(writeHealthList(listed, statusOf(readiness)))),
    {
      ...method('Watch', async (call) => {
        const service = readService(await requestOf(call));
        return new Watch(known.has(service), readiness).reply(call);
      }),
      mayBeSilent: true,
    },
  ];
}

function method(name: string, handle: Handler<Routed>): LocalMethod {
  const path = `/${HEALTH_SERVICE}/${name}`;
  return { service: HEALTH_SERVICE, path, mayBeSilent: false, handle };
}

function statusOf({ ready }: Readiness): ServingStatus {
  return ready ? 'SERVING' : 'NOT_SERVING';
}

/** Rejects when the call is cancelled before the message is there. */
async function requestOf(call: Routed): Promise<Uint8Array> {
  if (call.cancelled !== null) throw call.cancelled;
  call.onCancel = (reason) => call.body.cancel(reason);
  const message = await call.body.next();
  if (message === undefined)
    throw new GatewayError('PG_CARDINALITY', 'there is no request message');
  return message.bytes;
}

function single(bytes: Uint8Array): Reply {
  return { metadata: null, body: new SingleBody({ codec: 'proto', bytes }), end: OK };
}

function unknown(service: string): Reply {
  const message = `no service ${service.slice(0, 200)} is routed here`;
  return { metadata: null, body: EMPTY_BODY, end: { ...OK, code: 'NOT_FOUND', message } };
}

/** The status now and at each change; a drain is the last one, so that no drain waits for who watches. */
class Watch {
  readonly #known: boolean;
  readonly #readiness: Readiness;
  #told: ServingStatus | null = null;
  /** Of a change that is waited for. */
  #reject: ((reason: GatewayError) => void) | null = null;

  constructor(known: boolean, readiness: Readiness) {
    this.#known = known;
    this.#readiness = readiness;
  }

  reply(call: Routed): Reply {
    return streamReply(
      call,
      () => this.#next(),
      (reason) => this.#reject?.(reason),
    );
  }

  async #next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const status = this.#known ? statusOf(this.#readiness) : 'SERVICE_UNKNOWN';
      if (status !== this.#told) {
        this.#told = status;
        return writeHealth(status);
      }
      if (this.#readiness.draining) return undefined;
      await this.#change();
    }
  }

  async #change(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#reject = reject;
    const leave = this.#readiness.watch(resolve);
    try {
      await promise;
    } finally {
      leave();
      this.#reject = null;
    }
  }
}
