/** One gateway in front of one scripted service, and the clients of all protocols and transports. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway, type Gateway, type UpstreamConfig } from 'polygate';
import { makeCertificates } from '../support/certificates.ts';
import {
  type HttpClient,
  httpClient,
  HTTP_TRANSPORTS,
  type HttpTransport,
} from '../support/clients/http.ts';
import type { ClientCall } from '../support/clients/types.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryLog, type MemoryLog } from '../support/memory-log.ts';
import { untilStill } from '../support/raw-connection.ts';
import type { Cell } from './cells.ts';
import type { Service, ServiceCall, ServiceKind } from './service.ts';

/** What every call of the matrix allows itself; the clock stands still unless a script moves it. */
export const TIMEOUT_MS = 100;

/** Metadata of every call. */
export const ASKED = { 'x-ask': 'a, b', 'x-ask-bin': 'AAH6+/w=' };

interface Sides {
  readonly service: (call: ServiceCall) => Promise<void>;
  readonly client: (call: ClientCall) => Promise<void>;
}

export class MatrixGateway {
  readonly service: Service;
  readonly clock = new ManualClock();
  readonly log: MemoryLog = memoryLog();
  readonly #clients = new Map<HttpTransport, HttpClient>();
  readonly #ca: Buffer;
  readonly #directory: string;
  #gateway: Gateway | null = null;

  private constructor(service: Service, ca: Buffer, directory: string) {
    this.service = service;
    this.#ca = ca;
    this.#directory = directory;
  }

  static async start(kind: ServiceKind): Promise<MatrixGateway> {
    const { ca, loopback } = makeCertificates();
    const directory = mkdtempSync(join(tmpdir(), 'polygate-matrix-'));
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    writeFileSync(cert, loopback.cert);
    writeFileSync(key, loopback.key);
    const matrix = new MatrixGateway(await kind.start(), ca, directory);
    const upstream: UpstreamConfig = {
      ...kind.upstream,
      endpoints: [kind.endpoint(matrix.service.port)],
      schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
    };
    matrix.#gateway = await createGateway(
      {
        admin: false,
        listen: { port: 0, tls: { cert, key, plain: true }, limits: { idle: '1h' } },
        answerCompression: { minSize: 1 },
        upstreams: { service: upstream },
        routes: [{ services: ['fault.v1.Fault'], upstream: 'service' }],
      },
      {
        clock: matrix.clock,
        log: matrix.log,
        baseDir: new URL('../support/protos', import.meta.url).pathname,
      },
    );
    for (const transport of HTTP_TRANSPORTS) {
      matrix.#clients.set(transport, httpClient(transport, matrix.#gateway.port, matrix.#ca));
    }
    return matrix;
  }

  /** A call of the cell's protocol. */
  open({ client, transport, kind, codec, coding }: Cell): ClientCall {
    const http = this.#clients.get(transport);
    assert.ok(http);
    const method = methodOf(client.name, kind.kind);
    const options = {
      method,
      kind: kind.kind,
      codec,
      coding,
      metadata: ASKED,
      timeoutMs: TIMEOUT_MS,
    };
    return client.open(http, options);
  }

  /** One call with both of its ends. Rejects as the first of them does. */
  async talk(cell: Cell, { service, client }: Sides): Promise<void> {
    const served = Promise.withResolvers<void>();
    this.service.script = async (call) => {
      this.service.script = () => Promise.reject(new Error('one call is two for the service'));
      await service(call).then(served.resolve, served.reject);
    };
    const call = this.open(cell);
    try {
      await Promise.all([served.promise, client(call)]);
    } catch (error) {
      call.cancel();
      throw error;
    }
  }

  /** Resolves when nothing is on its way over the loopback any more; it holds calls that are still open at the service. */
  still(): Promise<number> {
    return untilStill(() => this.service.calls - this.service.open);
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    await this.#gateway?.close(true);
    assert.equal(await untilStill(() => this.service.open), 0, 'calls are open at the service');
    await this.service.close();
    rmSync(this.#directory, { recursive: true });
  }
}

/** Connect's GET is for a method without side effects. */
function methodOf(client: string, kind: Cell['kind']['kind']): string {
  switch (kind) {
    case 'unary':
      return client === 'Connect GET' ? 'Get' : 'Create';
    case 'server_stream':
      return 'Watch';
    case 'client_stream':
      return 'Upload';
    case 'bidi':
      return 'Talk';
  }
}
