/** grpc.health.v1 over a table of services. Source: grpc/health/v1/health.proto. */
import type { UntypedServiceImplementation } from '@grpc/grpc-js';
import { serverStream, unary } from './calls.ts';
import { notFound } from './errors.ts';

type ServingStatus = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

interface HealthRequest {
  /** Empty for the server as a whole. */
  readonly service: string;
}

interface HealthResponse {
  readonly status: ServingStatus;
}

interface HealthList {
  readonly statuses: Readonly<Record<string, HealthResponse>>;
}

export interface Health {
  readonly methods: UntypedServiceImplementation;
  /** Tells every watcher that nothing is served any more, and ends their streams. */
  stop(): void;
}

/** All of `services` and the server as a whole are SERVING until {@link Health.stop}. */
export function createHealth(services: readonly string[]): Health {
  const known = new Set(['', ...services]);
  const watchers = new Set<() => void>();
  let serving: ServingStatus = 'SERVING';
  const statusOf = (service: string): ServingStatus =>
    known.has(service) ? serving : 'SERVICE_UNKNOWN';

  return {
    methods: {
      Check: unary(({ service }: HealthRequest): HealthResponse => {
        if (!known.has(service)) throw notFound('Service', service);
        return { status: serving };
      }),
      List: unary<unknown, HealthList>(() => {
        const entries = [...known].map((service) => [service, { status: serving }] as const);
        return { statuses: Object.fromEntries(entries) };
      }),
      Watch: serverStream<HealthRequest, HealthResponse>(
        (call) =>
          new Promise((resolve) => {
            const tell = (): boolean => call.write({ status: statusOf(call.request.service) });
            const onStop = (): void => {
              tell();
              resolve();
            };
            tell();
            watchers.add(onStop);
            call.on('cancelled', () => {
              watchers.delete(onStop);
              resolve();
            });
          }),
      ),
    },
    stop() {
      serving = 'NOT_SERVING';
      for (const onStop of watchers) onStop();
      watchers.clear();
    },
  };
}
