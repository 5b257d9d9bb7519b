/**
 * Cold start: milliseconds from spawning `node dist/cli.js` to the first 200 through it, the upstream already up, with the demo's protos.
 *
 *     npm run bench:start [-- RUNS]
 *
 * The ways to start take turns, so that a change of the machine's speed hits all of them. "no cache" has Node's compile cache switched
 * off: what the first start after an installation costs. Every other start finds the compiled code of the start before it. "cpu" is the
 * median of what the process has used of all cores by then (Linux only); unlike the time it does not depend on what else runs.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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
  readonly starts: Start[];
}

interface Start {
  readonly elapsedMs: number;
  /** NaN where the system doesn't tell. */
  readonly cpuMs: number;
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
async function firstAnswer(way: Way, cwd: string): Promise<Start> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [CLI, ...way.args], {
    cwd,
    env: { ...process.env, ...way.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let measured = { elapsedMs: Number.NaN, cpuMs: Number.NaN };
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, port } = JSON.parse(line) as { msg: string; port: number };
    if (msg !== 'polygate is listening') continue;
    const status = await statusOf(`http://127.0.0.1:${port}/v1/shelves`);
    measured = { elapsedMs: performance.now() - startMs, cpuMs: cpuMsOf(child.pid) };
    child.kill('SIGTERM');
    if (status !== 200) throw new Error(`${way.name}: the first answer was ${status}`);
  }
  return measured;
}

/** What the threads of a process have used so far, in nanoseconds at the start of each file. */
function cpuMsOf(pid: number | undefined): number {
  const folder = `/proc/${pid}/task`;
  if (!existsSync(folder)) return Number.NaN;
  const used = readdirSync(folder).map((thread) =>
    Number.parseInt(readFileSync(join(folder, thread, 'schedstat'), 'utf8'), 10),
  );
  return used.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    }).on('error', reject);
  });
}

function bareNode(): Start {
  const startMs = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return { elapsedMs: performance.now() - startMs, cpuMs: Number.NaN };
}

function print(name: string, starts: readonly Start[]): void {
  const times = sorted(starts.map(({ elapsedMs }) => elapsedMs));
  const cpu = sorted(starts.map(({ cpuMs }) => cpuMs));
  const shown = [times[0], times[times.length >> 1], times.at(-1), cpu[cpu.length >> 1]];
  const columns = shown.map((ms = Number.NaN) => (Number.isNaN(ms) ? '-' : ms.toFixed(0)));
  console.log(name.padEnd(40) + columns.map((text) => text.padStart(8)).join(''));
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

build();
const folder = mkdtempSync(join(tmpdir(), 'polygate-start-'));
const { child: bookstore, port } = await startBookstore();
try {
  writeFileSync(join(folder, 'gateway.config.ts'), configFor(port));
  const any = ['--port', '0', '--admin-port', '0'];
  const proto = ['--proto', 'bookstore/v1/bookstore.proto', '--import-path', PROTOS];
  const cached = { XDG_CACHE_HOME: join(folder, 'cache') };
  const uncached = { NODE_DISABLE_COMPILE_CACHE: '1' };
  const ways: Way[] = [
    { name: 'gateway.config.ts, no cache', args: [], env: uncached, starts: [] },
    { name: 'gateway.config.ts', args: [], env: cached, starts: [] },
    {
      name: 'grpc:// with --proto',
      args: [`grpc://127.0.0.1:${port}`, ...proto, ...any],
      env: cached,
      starts: [],
    },
    {
      name: 'grpc:// by reflection',
      args: [`grpc://127.0.0.1:${port}`, ...any],
      env: cached,
      starts: [],
    },
  ];
  const bare: Start[] = [];
  for (const way of ways) await firstAnswer(way, folder);
  for (let run = 0; run < RUNS; run++) {
    bare.push(bareNode());
    for (const way of ways) way.starts.push(await firstAnswer(way, folder));
  }
  console.log(
    `milliseconds to the first 200, ${RUNS} runs`.padEnd(40) + '     min  median     max     cpu',
  );
  for (const way of ways) print(way.name, way.starts);
  print('node -e 0', bare);
  console.log(`node ${process.version}`);
} finally {
  bookstore.stdin?.end();
  rmSync(folder, { recursive: true });
}
