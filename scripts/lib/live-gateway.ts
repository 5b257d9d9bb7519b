/** The command as a process, in front of the demo's bookstore as another one: what scripts aim at. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCertificates } from '../../test/support/certificates.ts';

export interface LiveGateway {
  /** Of both: plain and, by its first byte, TLS. */
  readonly port: number;
  readonly adminPort: number;
  readonly pid: number;
  /** Of the authority that signed its certificate. */
  readonly caFile: string;
  close(): void;
}

const ROOT = resolve(import.meta.dirname, '../..');
const START_TIMEOUT_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** `cache` is a folder for its files; `limits` are those of `listen`, `settings` stand at the top. */
export async function startLiveGateway(
  cache: string,
  limits: Readonly<Record<string, unknown>> = {},
  settings: Readonly<Record<string, unknown>> = {},
): Promise<LiveGateway> {
  mkdirSync(cache, { recursive: true });
  const children: ChildProcess[] = [];
  const close = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  try {
    const bookstore = run(['test/support/bookstore-process.ts'], 'pipe');
    children.push(bookstore);
    const upstream = Number(await firstLine(bookstore));
    const [port, adminPort] = [await freePort(), await freePort()];
    const config = join(cache, 'gateway.config.json');
    const base = configFor(cache, { port, adminPort, upstream }, limits);
    writeFileSync(config, JSON.stringify({ ...settings, ...base }));
    const gateway = run(['src/cli.ts', 'serve', '--config', config], 'ignore');
    children.push(gateway);
    await answers(gateway, port);
    return { port, adminPort, pid: gateway.pid ?? 0, caFile: join(cache, 'ca.pem'), close };
  } catch (error) {
    close();
    throw error;
  }
}

interface Ports {
  readonly port: number;
  readonly adminPort: number;
  readonly upstream: number;
}

function configFor(
  cache: string,
  { port, adminPort, upstream }: Ports,
  limits: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const { ca, loopback } = makeCertificates();
  writeFileSync(join(cache, 'ca.pem'), ca);
  writeFileSync(join(cache, 'cert.pem'), loopback.cert);
  writeFileSync(join(cache, 'key.pem'), loopback.key, { mode: 0o600 });
  return {
    listen: {
      host: '127.0.0.1',
      port,
      limits,
      tls: { cert: join(cache, 'cert.pem'), key: join(cache, 'key.pem'), plain: true },
    },
    admin: { port: adminPort },
    log: { level: 'fatal' },
    upstreams: {
      bookstore: {
        protocol: 'grpc',
        endpoints: [`127.0.0.1:${upstream}`],
        schema: { descriptorSet: join(ROOT, 'protos/demo/demo.binpb') },
      },
    },
    routes: [{ services: ['*'], upstream: 'bookstore' }],
  };
}

function run(words: readonly string[], stdin: 'pipe' | 'ignore'): ChildProcess {
  return spawn(process.execPath, ['--conditions=polygate-source', ...words], {
    cwd: ROOT,
    stdio: [stdin, 'pipe', 'inherit'],
  });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    child.on('exit', (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
}

/** Until it serves the route that all of this is about. */
async function answers(gateway: ChildProcess, port: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < START_TIMEOUT_MS; waitedMs += LOOK_EVERY_MS) {
    if (gateway.exitCode !== null) throw new Error(`the gateway ended with ${gateway.exitCode}`);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/shelves`).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error('the gateway does not answer');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
