/** Wrong `connections` of an upstream. */
import { DURATION, type Wrong, withUpstream } from './wrong-configs.ts';

export const WRONG_CONNECTIONS: readonly Wrong[] = [
  {
    name: 'connections',
    config: withUpstream({
      connections: {
        max: 0,
        warm: 1.5,
        maxPending: '1k',
        connectTimeout: false,
        idleTimeout: true,
        maxAge: '2d',
        keepalive: { time: '10s', timeout: 0 },
        maxStreams: 10,
      },
      pool: {},
    }),
    lines: [
      'upstreams.a.connections.max: expected a whole number from 1 to 1000, found 0',
      'upstreams.a.connections.maxPending: expected a whole number from 1 to 1000000, found "1k"',
      'upstreams.a.connections.warm: expected a whole number from 0 to 1000, found 1.5',
      `upstreams.a.connections.connectTimeout: expected ${DURATION}, found false`,
      `upstreams.a.connections.idleTimeout: expected ${DURATION}, or false, found true`,
      `upstreams.a.connections.maxAge: expected ${DURATION}, or false, found "2d"`,
      `upstreams.a.connections.keepalive.timeout: expected ${DURATION}, found 0`,
      'upstreams.a.connections.keepalive.time: expected a key of keepalive (interval, timeout, withoutCalls), found "time"',
      'upstreams.a.connections.maxStreams: expected nothing here, the service says how many streams it takes on a connection, found 10',
      'upstreams.a.pool: expected nothing here, connections are limited by "connections", found an object',
    ],
  },
  {
    name: 'more warm connections than there may be',
    config: withUpstream({ connections: { warm: 3, max: 2 } }),
    lines: ['upstreams.a.connections.warm: expected at most "max", which is 2, found 3'],
  },
];
