/** An upstream's `connections` with every default in its place. */
import type {
  ConnectionSettings,
  HttpConnectionSettings,
} from '../upstream/connection-settings.ts';
import { DEFAULTS, defaultMs } from './defaults.ts';
import type { ConnectionsConfig, Duration } from './define.ts';
import { parseDuration } from './units.ts';

/** `config` must be valid. */
export function planConnections(config: ConnectionsConfig): ConnectionSettings {
  const { keepalive = {}, idleTimeout, maxAge } = config;
  return {
    max: config.max ?? DEFAULTS['connections.max'].value,
    maxPending: config.maxPending ?? DEFAULTS['connections.maxPending'].value,
    warm: config.warm ?? DEFAULTS['connections.warm'].value,
    connectTimeoutMs:
      parseDuration(config.connectTimeout) ?? defaultMs('connections.connectTimeout'),
    idleTimeoutMs: limit(idleTimeout, 'connections.idleTimeout'),
    maxAgeMs: limit(maxAge, 'connections.maxAge'),
    keepalive:
      keepalive === false
        ? null
        : {
            intervalMs:
              parseDuration(keepalive.interval) ?? defaultMs('connections.keepalive.interval'),
            timeoutMs:
              parseDuration(keepalive.timeout) ?? defaultMs('connections.keepalive.timeout'),
            withoutStreams:
              keepalive.withoutCalls ?? DEFAULTS['connections.keepalive.withoutCalls'].value,
          },
  };
}

/** Where a connection carries one call at a time. `config` must be valid. */
export function planHttpConnections(config: ConnectionsConfig): HttpConnectionSettings {
  const { idleTimeout } = config;
  return {
    max: config.max ?? DEFAULTS['connections.max (HTTP/1.1)'].value,
    maxPending: config.maxPending ?? DEFAULTS['connections.maxPending'].value,
    connectTimeoutMs:
      parseDuration(config.connectTimeout) ?? defaultMs('connections.connectTimeout'),
    idleTimeoutMs:
      idleTimeout === false
        ? Infinity
        : (parseDuration(idleTimeout) ?? defaultMs('connections.idleTimeout (HTTP/1.1)')),
  };
}

function limit(
  value: Duration | false | undefined,
  name: 'connections.idleTimeout' | 'connections.maxAge',
): number {
  return value === false ? Infinity : (parseDuration(value) ?? defaultMs(name));
}
