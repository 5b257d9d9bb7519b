/**
 * Cold start: milliseconds from spawning `node dist/cli.js` to the first 200 through it, the upstream already up, with the demo's protos.
 *
 *     npm run bench:start [-- RUNS]
 *
 * The ways to start take turns, so that a change of the machine's speed hits all of them. "no cache" has Node's compile cache switched
 * off: what the first start after an installation costs. Every other start finds the compiled code of the start before it.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync, globSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(ROOT, 'dist/cli.js');
const BOOKSTORE = join(ROOT, 'test/support/bookstore-process.ts');
const PROTOS = join(ROOT, 'protos/demo');
const RUNS = Number(process.argv[2] ?? 15);

interface Way {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly elapsedMs: number[];
}

/** dist/ is built when a source is newer than it. */
function build(): void {
  const newestMs = Math.max(
    ...globSync('src/**/*.ts', { cwd: ROOT }).map((file) => statSync(join(ROOT, file)).mtimeMs),
  );
  const builtMs = statSync(CLI, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (builtMs > newestMs) return;
  const { status } = spawnSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) throw new Error('the build failed');
}

async function startBookstore(): Promise<{ readonly child: ChildProcess; readonly port: string }> {
  const child = spawn(process.execPath, ['--conditions=polygate-source', BOOKSTORE], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, port };
}

function configFor(port: string): string {
  return `import { defineConfig } from 'polygate';

export default defineConfig({
  listen: { port: 0 },
  admin: { port: 0 },
  upstreams: {
    bookstore: {
      protocol: 'grpc',
      endpoints: ['127.0.0.1:${port}'],
      schema: { protos: ['bookstore/v1/bookstore.proto'], importPaths: [${JSON.stringify(PROTOS)}] },
    },
  },
  routes: [{ services: ['bookstore.v1.Bookstore'], upstream: 'bookstore' }],
});
`;
}

/** From the spawn to the end of the first answer. */
async function firstAnswerMs(way: Way, cwd: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [CLI, ...way.args], {
    cwd,
    env: { ...process.env, ...way.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let answeredMs = Number.NaN;
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port: number };
    if (msg !== 'polygate is listening') continue;
    const status = await statusOf(`http://127.0.0.1:${port}/v1/shelves`);
    answeredMs = performance.now() - startMs;
    child.kill('SIGTERM');
    if (status !== 200) throw new Error(`${way.name}: the first answer was ${status}`);
  }
  return answeredMs;
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

function bareNodeMs(): number {
  const startMs = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - startMs;
}

function print(name: string, elapsedMs: readonly number[]): void {
  const sorted = [...elapsedMs].sort((a, b) => a - b);
  const shown = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  console.log(
    name.padEnd(44) + shown.map((ms) => (ms ?? Number.NaN).toFixed(0).padStart(8)).join(''),
  );
}

build();
const folder = mkdtempSync(join(tmpdir(), 'polygate-start-'));
const { child: bookstore, port } = await startBookstore();
try {
  writeFileSync(join(folder, 'gateway.config.ts'), configFor(port));
  const any = ['--port', '0', '--admin-port', '0'];
  const proto = ['--proto', 'bookstore/v1/bookstore.proto', '--import-path', PROTOS];
  const cached = { NODE_COMPILE_CACHE: join(folder, 'cache') };
  const uncached = { NODE_DISABLE_COMPILE_CACHE: '1' };
  const ways: Way[] = [
    { name: 'gateway.config.ts, no cache', args: [], env: uncached, elapsedMs: [] },
    { name: 'gateway.config.ts', args: [], env: cached, elapsedMs: [] },
    {
      name: 'grpc:// with --proto',
      args: [`grpc://127.0.0.1:${port}`, ...proto, ...any],
      env: cached,
      elapsedMs: [],
    },
    {
      name: 'grpc:// by reflection',
      args: [`grpc://127.0.0.1:${port}`, ...any],
      env: cached,
      elapsedMs: [],
    },
  ];
  const bare: number[] = [];
  for (const way of ways) await firstAnswerMs(way, folder);
  for (let run = 0; run < RUNS; run++) {
    bare.push(bareNodeMs());
    for (const way of ways) way.elapsedMs.push(await firstAnswerMs(way, folder));
  }
  console.log(
    `milliseconds to the first 200, ${RUNS} runs`.padEnd(44) + '     min  median     max',
  );
  for (const way of ways) print(way.name, way.elapsedMs);
  print('node -e 0', bare);
  console.log(`node ${process.version}`);
} finally {
  bookstore.stdin?.end();
  rmSync(folder, { recursive: true });
}
