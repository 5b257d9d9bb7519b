/** Peers that are programs: they print their two ports as one line of JSON and live until their input ends. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { LeftOut } from './peer.ts';

const START_MS = 20_000;

export interface Ports {
  readonly plain: number;
  readonly tls: number;
}

/** Throws {@link LeftOut} where there is no such program; one that is there and does not run is a failure like any other. */
export function requireTool(tool: string, word: string): void {
  const run = spawnSync(tool, [word], { encoding: 'utf8' });
  if (isMissing(run.error)) throw new LeftOut(`${tool} is not installed`);
  if (run.status === 0) return;
  const said = run.error?.message ?? run.stderr.trim().split('\n').slice(-5).join('\n');
  throw new Error(`${tool} is installed and does not run: ${said}`);
}

function isMissing(error: NodeJS.ErrnoException | undefined): boolean {
  return error?.code === 'ENOENT';
}

/** Runs to the end; throws with what it said where it fails. */
export function runTool(tool: string, words: readonly string[], cwd: string): void {
  const run = spawnSync(tool, words, { cwd, encoding: 'utf8', timeout: 600_000 });
  if (run.status === 0) return;
  const said = run.error?.message ?? run.stderr.trim().split('\n').slice(-5).join('\n');
  throw new Error(`${[tool, ...words].join(' ')} failed: ${said}`);
}

export async function startProcess(
  command: string,
  words: readonly string[],
): Promise<{ ports: Ports; close(): Promise<void> }> {
  const child = spawn(command, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ports = await firstLine(child);
  return {
    ports,
    async close() {
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
      await exit;
      clearTimeout(timer);
    },
  };
}

function firstLine(child: ChildProcess): Promise<Ports> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${child.spawnfile} said nothing within ${START_MS} ms`));
    }, START_MS);
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      done();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code) =>
      settle(() => reject(new Error(`${child.spawnfile} ended with ${code}`))),
    );
    if (child.stdout === null) return;
    createInterface(child.stdout).once('line', (line) =>
      settle(() => resolve(JSON.parse(line) as Ports)),
    );
  });
}
