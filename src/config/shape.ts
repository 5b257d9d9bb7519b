/** The shape of a configuration: one table of checks for each public type of define.ts. What needs two places at once is in references.ts. */
import { hasScheme, isHostName, parseAddress, parseHttpAddress } from './address.ts';
import {
  choice,
  isRecord,
  keys,
  list,
  named,
  optional,
  satisfying,
  text,
  type Check,
} from './check.ts';
import type {
  AdminConfig,
  EndpointConfig,
  GatewayConfig,
  LogConfig,
  RouteConfig,
  SchemaConfig,
  UpstreamConfig,
  UpstreamTlsConfig,
} from './define.ts';
import * as refused from './not-yet.ts';
import { describe } from './problem.ts';
import { connections, httpConnections } from './connections-shape.ts';
import { listenKeys } from './listen-shape.ts';
import { host, pemPath, port } from './places.ts';
import { duration, settings, topLimits } from './settings-shape.ts';

const filePath = text('the path of a file', (value) => value !== '' && !value.includes('\0'));
const folderPath = text('the path of a folder', (value) => value !== '' && !value.includes('\0'));
const yesOrNo = satisfying('true or false', (value) => typeof value === 'boolean');
const yes = satisfying('true', (value) => value === true);

const adminKeys = keys<AdminConfig>(
  'the admin port',
  { port: optional(port), host: optional(host) },
  refused.REFUSED_AT_ADMIN,
  ' or false',
);
const admin: Check = (value, path, report) => {
  if (value !== false) adminKeys(value, path, report);
};

const log = keys<LogConfig>(
  'the log',
  {
    level: optional(choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])),
    access: optional(yesOrNo),
  },
  refused.REFUSED_AT_LOG,
);

const address: Check = (value, path, report) => {
  if (typeof value === 'string' && parseAddress(value) !== undefined) return;
  const schemed = typeof value === 'string' && hasScheme(value);
  const hint = schemed ? ' without a scheme (TLS is set by "tls" of the upstream)' : '';
  report({ path, expected: `host:port or [v6]:port${hint}`, found: describe(value) });
};
const url = text(
  'a URL as "http://127.0.0.1:9001", with a path or without',
  (value) => parseHttpAddress(value) !== undefined,
);
const endpointOf = (place: Check): Check => {
  const fields = keys<EndpointConfig>(
    'an endpoint',
    { address: place },
    refused.REFUSED_AT_ENDPOINT,
  );
  return (value, path, report) => {
    const check = typeof value === 'object' && value !== null ? fields : place;
    check(value, path, report);
  };
};

type Kinds = Extract<SchemaConfig, { protos: unknown }> &
  Extract<SchemaConfig, { descriptorSet: unknown }> &
  Extract<SchemaConfig, { reflection: unknown }>;

const schemaKeys = keys<Kinds>('a schema', {
  protos: optional(list('.proto file', filePath)),
  importPaths: optional(list('folder', folderPath)),
  descriptorSet: optional(filePath),
  reflection: optional(yes),
});
const schema: Check = (value, path, report) => {
  const sources = ['protos', 'descriptorSet', 'reflection'];
  const given = sources.filter((source) => has(value, source));
  const expected = 'an object with one of protos, descriptorSet and reflection';
  if (!isRecord(value)) {
    report({ path, expected, found: describe(value) });
    return;
  }
  if (given.length !== 1) report({ path, expected, found: given.join(' and ') || 'none of them' });
  if (has(value, 'importPaths') && !given.includes('protos')) {
    report({ path: `${path}.importPaths`, expected: 'protos beside it', found: 'none' });
  }
  schemaKeys(value, path, report);
};

const tlsKeys = keys<UpstreamTlsConfig>(
  'the TLS of an upstream',
  {
    ca: optional(pemPath),
    cert: optional(pemPath),
    key: optional(pemPath),
    serverName: optional(text('a host name', isHostName)),
  },
  refused.REFUSED_AT_TLS,
  ' or true',
);
const tls: Check = (value, path, report) => {
  if (value === true) return;
  tlsKeys(value, path, report);
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (!has(value, one) || has(value, other)) continue;
    report({ path: `${path}.${other}`, expected: `a file beside "${one}"`, found: 'nothing' });
  }
};

const upstreamOf = (place: Check, described: Check, kept: Check, encodings: Check): Check =>
  keys<UpstreamConfig>(
    'an upstream',
    {
      protocol: choice(['grpc', 'http'], refused.LATER_PROTOCOLS),
      endpoints: list('endpoint', endpointOf(place)),
      schema: described,
      rules: optional(filePath),
      tls: optional(tls),
      compression: optional(encodings),
      connections: optional(kept),
      ...settings,
    },
    refused.REFUSED_AT_UPSTREAM,
  );
const grpcUpstream = upstreamOf(address, schema, connections, choice(['identity', 'gzip']));

/** Reflection is a service of gRPC. */
const writtenSchema: Check = (value, path, report) => {
  if (!has(value, 'reflection')) {
    schema(value, path, report);
    return;
  }
  const expected = 'protos or descriptorSet, since a service that speaks HTTP has no reflection';
  report({ path, expected, found: 'reflection' });
};
/** Whether a plain service inflates requests can't be known before one was refused. */
const noCompression: Check = (value, path, report) => {
  if (value === 'identity') return;
  const expected = '"identity", since requests to a service that speaks HTTP are not compressed';
  report({ path, expected, found: describe(value) });
};
const httpUpstreamKeys = upstreamOf(url, writtenSchema, httpConnections, noCompression);
const httpUpstream: Check = (value, path, report) => {
  httpUpstreamKeys(value, path, report);
  if (!isRecord(value) || value['tls'] === undefined || !Array.isArray(value['endpoints'])) return;
  const endpoints: readonly unknown[] = value['endpoints'];
  const places = endpoints.map((one) => (isRecord(one) ? one['address'] : one));
  if (places.some((place) => typeof place === 'string' && /^https:/i.test(place))) return;
  const expected = 'nothing here, since no endpoint has the scheme https';
  report({ path: `${path}.tls`, expected, found: describe(value['tls']) });
};
const upstream: Check = (value, path, report) => {
  const http = isRecord(value) && value['protocol'] === 'http';
  (http ? httpUpstream : grpcUpstream)(value, path, report);
};

const serviceName = text('the full name of a service, as pkg.Service, or "*"', (value) =>
  /^(?:\*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)$/.test(value),
);
const services: Check = (value, path, report) => {
  if (value !== '*') list('service', serviceName)(value, path, report);
};

const route = keys<RouteConfig>(
  'a route',
  {
    services,
    upstream: text('the name of an upstream', (value) => value !== ''),
    ...settings,
  },
  refused.REFUSED_AT_ROUTE,
);

const upstreams = named('upstream', 'a name of letters, digits, "-", "_" and "."', (name) =>
  /^[A-Za-z][\w.-]*$/.test(name),
);

/** Checks everything about a configuration that one place alone can tell. */
export const gatewayShape: Check = keys<GatewayConfig>(
  'a configuration',
  {
    listen: optional(listenKeys),
    admin: optional(admin),
    log: optional(log),
    reflection: optional(yesOrNo),
    drain: optional(duration),
    upstreams: upstreams(upstream),
    routes: list('route', route),
    ...settings,
    limits: optional(topLimits),
  },
  refused.REFUSED_AT_TOP,
);

function has(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, key) !== undefined;
}
