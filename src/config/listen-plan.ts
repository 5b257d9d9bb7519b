/** The listener's part of a plan. */
import { resolve } from 'node:path';
import type { ListenerLimits } from '../listen/listener.ts';
import { DEFAULTS, defaultBytes, defaultCount, defaultMs } from './defaults.ts';
import type {
  Duration,
  GatewayConfig,
  ListenLimitsConfig,
  ListenTlsConfig,
  Size,
} from './define.ts';
import { parseDuration, parseSize } from './units.ts';

/** Absolute paths of PEM files. */
export interface ListenTlsPlan {
  /** The first one is that of clients that ask for no name. */
  readonly certificates: readonly {
    /** Where it stands in the configuration, for messages. */
    readonly path: string;
    readonly cert: string;
    readonly key: string;
  }[];
  readonly clientCa: string | null;
  readonly plain: boolean;
}

export interface ListenPlan {
  readonly host: string;
  readonly port: number;
  readonly tls: ListenTlsPlan | null;
  readonly limits: ListenerLimits;
  /** Calls at a time. */
  readonly maxCalls: number;
}

export function planListen(config: GatewayConfig, baseDir: string): ListenPlan {
  const { host, port, tls, limits = {} } = config.listen ?? {};
  return {
    host: host ?? DEFAULTS['listen.host'].value,
    port: port ?? DEFAULTS['listen.port'].value,
    tls: tls === undefined ? DEFAULTS['listen.tls'].value : planTls(tls, baseDir),
    limits: planLimits(limits, config.limits?.headers),
    maxCalls: limits.calls ?? defaultCount('listen.limits.calls'),
  };
}

function planTls(tls: ListenTlsConfig, baseDir: string): ListenTlsPlan {
  const { cert, key, certificates = [], clientCa, plain } = tls;
  return {
    certificates: [
      { path: 'listen.tls', cert, key },
      ...certificates.map((files, index) => ({
        path: `listen.tls.certificates[${index}]`,
        cert: files.cert,
        key: files.key,
      })),
    ].map((files) => ({
      ...files,
      cert: resolve(baseDir, files.cert),
      key: resolve(baseDir, files.key),
    })),
    clientCa:
      clientCa === undefined ? DEFAULTS['listen.tls.clientCa'].value : resolve(baseDir, clientCa),
    plain: plain ?? DEFAULTS['listen.tls.plain'].value,
  };
}

function planLimits(limits: ListenLimitsConfig, headers: Size | undefined): ListenerLimits {
  return {
    connections: limits.connections ?? defaultCount('listen.limits.connections'),
    connectionsPerAddress:
      limits.connectionsPerAddress ?? defaultCount('listen.limits.connectionsPerAddress'),
    firstByteMs: ms(limits.firstByte, 'listen.limits.firstByte'),
    headMs: ms(limits.head, 'listen.limits.head'),
    bodyMs: ms(limits.body, 'listen.limits.body'),
    idleMs: ms(limits.idle, 'listen.limits.idle'),
    writeMs: ms(limits.write, 'listen.limits.write'),
    headerBytes: bytes(headers, 'limits.headers'),
    headers: limits.headerCount ?? defaultCount('listen.limits.headerCount'),
    targetBytes: bytes(limits.target, 'listen.limits.target'),
    pipelinedBytes: bytes(limits.pipelined, 'listen.limits.pipelined'),
    streams: limits.streams ?? defaultCount('listen.limits.streams'),
    resetsPerSecond: limits.resets ?? defaultCount('listen.limits.resets'),
    controlFramesPerSecond: limits.controlFrames ?? defaultCount('listen.limits.controlFrames'),
    headerBlockBytes: bytes(limits.headerBlock, 'listen.limits.headerBlock'),
    headerTableBytes: bytes(limits.headerTable, 'listen.limits.headerTable'),
  };
}

function ms(value: Duration | undefined, name: Parameters<typeof defaultMs>[0]): number {
  return parseDuration(value) ?? defaultMs(name);
}

function bytes(value: Size | undefined, name: Parameters<typeof defaultBytes>[0]): number {
  return parseSize(value) ?? defaultBytes(name);
}
