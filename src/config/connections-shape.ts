/** The checks of an upstream's `connections`. */
import { choice, isRecord, keys, optional, orFalse, satisfying, type Check } from './check.ts';
import { DEFAULTS } from './defaults.ts';
import type { ConnectionsConfig, KeepaliveConfig } from './define.ts';
import { below, describe } from './problem.ts';
import { duration, flag } from './settings-shape.ts';

/** More than one event loop can serve, and more than a process may have files open. */
const MAX_CONNECTIONS = 1_000;
/** What waits has a stream object and a message each. */
const MAX_PENDING = 1_000_000;

const keepaliveKeys = keys<KeepaliveConfig>(
  'keepalive',
  {
    interval: optional(duration),
    timeout: optional(duration),
    withoutCalls: optional(flag),
  },
  { permitWithoutStream: 'connections without calls are asked by "withoutCalls"' },
);

const connectionsKeys = keys<ConnectionsConfig>(
  'connections',
  {
    http: optional(choice(['1.1', '2'])),
    max: optional(whole(1, MAX_CONNECTIONS)),
    maxPending: optional(whole(1, MAX_PENDING)),
    warm: optional(whole(0, MAX_CONNECTIONS)),
    connectTimeout: optional(duration),
    idleTimeout: optional(orFalse(duration)),
    maxAge: optional(orFalse(duration)),
    keepalive: optional(orFalse(keepaliveKeys)),
  },
  { maxStreams: 'the service says how many streams it takes on a connection' },
);

/** Of gRPC. */
export const connections: Check = (value, path, report) => {
  sharedConnections(value, path, report);
  refuse('http', 'nothing here, since gRPC is HTTP/2', [value, path, report]);
};

/** HTTP/1.1 has no PING, and a connection that carries one call at a time needs no successor. */
export const httpConnections: Check = (value, path, report) => {
  if (isRecord(value) && value['http'] === '2') {
    sharedConnections(value, path, report);
    return;
  }
  connectionsKeys(value, path, report);
  for (const key of ['warm', 'maxAge', 'keepalive']) {
    const expected = `nothing here, since "${key}" is for HTTP/2 and "http" is not "2"`;
    refuse(key, expected, [value, path, report]);
  }
};

const sharedConnections: Check = (value, path, report) => {
  connectionsKeys(value, path, report);
  if (!isRecord(value)) return;
  const { warm, max = DEFAULTS['connections.max'].value } = value;
  // Only of two that are each right.
  if (!Number.isInteger(warm) || !(Number(max) > 0) || Number(warm) <= Number(max)) return;
  report({
    path: below(path, 'warm'),
    expected: `at most "max", which is ${Number(max)}`,
    found: describe(warm),
  });
};

function refuse(key: string, expected: string, [value, path, report]: Parameters<Check>): void {
  if (!isRecord(value) || value[key] === undefined) return;
  report({ path: below(path, key), expected, found: describe(value[key]) });
}

function whole(min: number, max: number): Check {
  return satisfying(
    `a whole number from ${min} to ${max}`,
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  );
}
