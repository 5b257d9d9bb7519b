/** A REST outbound for fault.v1.Fault, each of whose methods is `POST /fault.v1.Fault/Method` in JSON, or what `rules` say. */
import { implicitRule } from '../../src/binding/compile.ts';
import { compileReverse } from '../../src/binding/reverse/compile.ts';
import type { Endpoint, Outbound } from '../../src/call/types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createRestOutbound } from '../../src/protocols/rest/outbound.ts';
import { parseTemplate } from '../../src/routing/template.ts';
import { loadSchema } from '../../src/schema/load.ts';
import type { HttpRule } from '../../src/schema/model.ts';
import type { HttpTransport } from '../../src/call/http-transport.ts';
import type {
  ConnectionSettings,
  HttpConnectionSettings,
} from '../../src/upstream/connection-settings.ts';
import type { HttpEndpoint } from '../../src/upstream/http-endpoint.ts';
import { createHttpOverHttp2 } from '../../src/upstream/http-over-http2.ts';
import { loadHttpTransport } from '../../src/upstream/http-transport.ts';
import type { OutboundSettings } from '../contract/outbound/harness.ts';
import { connectionSettings } from './connections.ts';
import type { HttpVersion } from './scripted-http.ts';
import { PLAIN_JSON } from './vectors-schema.ts';

const create = await loadHttpTransport();
const schema = await loadSchema(
  { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
  {
    directory: new URL('protos', import.meta.url).pathname,
    clock: systemClock,
    random: systemRandom,
  },
);
const methods = schema.services.get('fault.v1.Fault')?.methods ?? [];

export interface RestSettings extends OutboundSettings {
  /** By the name of the method. */
  readonly rules?: Readonly<Record<string, Partial<HttpRule>>>;
  readonly basePath?: string;
  readonly connections?: Partial<HttpConnectionSettings & ConnectionSettings>;
  /** Default 1.1. */
  readonly http?: HttpVersion | undefined;
}

/** `endpoint` has an address of the loopback. */
export function makeRestOutbound(endpoint: Endpoint, settings: RestSettings): Outbound {
  const { maxMessageBytes, rules = {}, basePath = '', tls } = settings;
  const bindings = new Map(
    methods.map((method) => {
      const rule = { ...implicitRule(method), ...rules[method.name] };
      const template = parseTemplate(rule.template);
      const options = { strictness: 'reject', maxDepth: 100, json: PLAIN_JSON } as const;
      return [method.path, compileReverse(method, { rule, template, settings: options, schema })];
    }),
  );
  Object.assign(endpoint, {
    scheme: tls === undefined ? 'http' : 'https',
    authority: endpoint.address,
    basePath,
  });
  const transport = transportTo(endpoint as HttpEndpoint, settings);
  return createRestOutbound({ transport, bindings, maxMessageBytes, schema });
}

function transportTo(
  endpoint: HttpEndpoint,
  { http, tls, connections }: RestSettings,
): HttpTransport {
  const endpoints = [endpoint];
  if (http === '2') {
    const clocks = { clock: systemClock, random: systemRandom };
    const settings = connectionSettings(connections);
    return createHttpOverHttp2({ endpoints, tls, ...clocks, connections: settings });
  }
  return create({
    endpoints,
    tls,
    connections: {
      max: 1_000,
      maxPending: 1_000,
      connectTimeoutMs: 10_000,
      idleTimeoutMs: 4_000,
      ...connections,
    },
  });
}
