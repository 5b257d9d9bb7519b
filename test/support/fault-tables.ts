/** The tables of fault.v1.Fault as a generation has them, for inbounds that run without one. */
import { compileBinding, implicitRule } from '../../src/binding/compile.ts';
import type { Route } from '../../src/call/types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import type { RestTarget } from '../../src/protocols/rest/target.ts';
import { createHttpTable, type HttpTable } from '../../src/routing/http-table.ts';
import { createRpcTable, type RpcTable } from '../../src/routing/rpc-table.ts';
import { parseTemplate } from '../../src/routing/template.ts';
import type { RpcTarget } from '../../src/rpc/target.ts';
import { loadSchema } from '../../src/schema/load.ts';
import { PLAIN_JSON } from './vectors-schema.ts';

const schema = await loadSchema(
  { protos: ['fault/v1/fault.proto'], importPaths: ['protos'] },
  { directory: import.meta.dirname, clock: systemClock, random: systemRandom },
);
const BINDING = { strictness: 'reject', maxDepth: 100, json: PLAIN_JSON } as const;

export function faultTables(
  routes: readonly Route[],
  maxBytes: number,
): { readonly http: HttpTable<RestTarget>; readonly rpc: RpcTable<RpcTarget> } {
  const http = createHttpTable<RestTarget>();
  const rpc = createRpcTable<RpcTarget>();
  const limits = { maxBodyBytes: maxBytes, maxMessageBytes: maxBytes };
  for (const method of schema.services.get('fault.v1.Fault')?.methods ?? []) {
    const route = routes.find((one) => one.rpc === method.path);
    if (route === undefined) continue;
    const whole = implicitRule(method);
    const json = compileBinding(method, whole, BINDING, schema);
    rpc.add(method.path, {
      route,
      json,
      sideEffectFree: method.idempotency === 'no_side_effects',
      unaryJson: 'rest',
      schema,
      ...limits,
    });
    for (const rule of [...method.rules, whole]) {
      const target: RestTarget = {
        route,
        binding: compileBinding(method, rule, BINDING, schema),
        settings: {
          streamFormat: 'ndjson',
          wrapResult: false,
          prettyErrors: false,
          heartbeatMs: 15_000,
          answerCompression: null,
          onUnknown: () => {},
          ...limits,
        },
        events: undefined,
        schema,
      };
      http.add(rule.verb, parseTemplate(rule.template), target, rule.origin);
    }
  }
  return { http: http.build().table, rpc: rpc.build() };
}
