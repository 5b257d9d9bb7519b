/** The gateway of the suite: between its reference clients and one of its reference services. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from 'polygate';
import { memoryLog } from '../../test/support/memory-log.ts';

interface Options {
  /** Folder with the `.proto` files of the suite. */
  readonly protos: string;
  readonly upstreamPort: number;
  /** PEM. */
  readonly listenTls?: { cert: Uint8Array; key: Uint8Array; clientCa?: Uint8Array };
  readonly upstreamTls?: { ca: Uint8Array; cert?: Uint8Array; key?: Uint8Array };
  /** Of one message; 0 is the gateway's own. */
  readonly maxRequestBytes?: number;
  readonly maxAnswerBytes?: number;
}

/** The port where it listens, on loopback. */
export async function startGateway(options: Options): Promise<number> {
  const { protos, upstreamPort, listenTls, upstreamTls } = options;
  const { maxRequestBytes = 0, maxAnswerBytes = 0 } = options;
  const folder = mkdtempSync(join(tmpdir(), 'polygate-conformance-'));
  try {
    const gateway = await createGateway(
      {
        admin: false,
        listen: { port: 0, ...(listenTls !== undefined && { tls: filesOf(folder, listenTls) }) },
        // The suite looks whether a service hears of a deadline that no client has set.
        timeout: false,
        upstreams: {
          reference: {
            protocol: 'grpc',
            endpoints: [`127.0.0.1:${upstreamPort}`],
            schema: { protos: ['connectrpc/conformance/v1/service.proto'], importPaths: ['.'] },
            ...(upstreamTls !== undefined && { tls: filesOf(folder, upstreamTls) }),
            // Here it is that of answers.
            ...(maxAnswerBytes > 0 && { limits: { message: maxAnswerBytes } }),
          },
        },
        routes: [
          {
            services: ['connectrpc.conformance.v1.ConformanceService'],
            upstream: 'reference',
            // And here that of requests.
            ...(maxRequestBytes > 0 && {
              limits: { message: maxRequestBytes, body: maxRequestBytes },
            }),
          },
        ],
      },
      { baseDir: protos, log: memoryLog() },
    );
    return gateway.port;
  } finally {
    // They are read when the gateway starts.
    rmSync(folder, { recursive: true });
  }
}

/** The same keys with the names of files that have the values. */
function filesOf<Pems extends object>(folder: string, pems: Pems): Record<keyof Pems, string> {
  const files = {} as Record<keyof Pems, string>;
  for (const key in pems) {
    files[key] = join(folder, `${key}.pem`);
    writeFileSync(files[key], pems[key] as Uint8Array, { mode: 0o600 });
  }
  return files;
}
