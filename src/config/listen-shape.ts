/** The checks of `listen`. */
import { keys, list, optional, satisfying, type Check } from './check.ts';
import type {
  CertificateConfig,
  ListenConfig,
  ListenLimitsConfig,
  ListenTlsConfig,
} from './define.ts';
import * as refused from './not-yet.ts';
import { host, pemPath, port } from './places.ts';
import { duration, flag, size } from './settings-shape.ts';

const MAX_COUNT = 10_000_000;
const count = whole(1, MAX_COUNT);
/** The parser keeps no more. */
const headerCount = whole(1, 2_000);

const certificate = keys<CertificateConfig>('a certificate', { cert: pemPath, key: pemPath });

const tls = keys<ListenTlsConfig>(
  'the TLS of the listener',
  {
    cert: pemPath,
    key: pemPath,
    certificates: optional(list('certificate', certificate)),
    clientCa: optional(pemPath),
    plain: optional(flag),
  },
  refused.REFUSED_AT_LISTEN_TLS,
);

const limits = keys<ListenLimitsConfig>(
  'the limits of the listener',
  {
    connections: optional(count),
    connectionsPerAddress: optional(count),
    calls: optional(count),
    firstByte: optional(duration),
    head: optional(duration),
    body: optional(duration),
    idle: optional(duration),
    write: optional(duration),
    headerCount: optional(headerCount),
    target: optional(size),
    pipelined: optional(size),
    streams: optional(count),
    resets: optional(count),
    controlFrames: optional(count),
    headerBlock: optional(size),
    headerTable: optional(size),
  },
  refused.REFUSED_AT_LISTEN_LIMITS,
);

export const listenKeys: Check = keys<ListenConfig>(
  'the listener',
  { port: optional(port), host: optional(host), tls: optional(tls), limits: optional(limits) },
  refused.REFUSED_AT_LISTEN,
);

function whole(from: number, to: number): Check {
  return satisfying(
    `a whole number from ${from} to ${to}`,
    (value) => Number.isInteger(value) && Number(value) >= from && Number(value) <= to,
  );
}
