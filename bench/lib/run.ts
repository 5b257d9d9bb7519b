import { spawnSync } from 'node:child_process';
import { Unavailable } from './unavailable.ts';

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 600_000;

/** Runs a tool to its end. One that is missing or fails makes whatever needs it unavailable, with its last words as the reason. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env }: RunOptions = {},
): string {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: 2 ** 28,
  });
  if (error !== undefined) throw new Unavailable(`${program}: ${error.message}`);
  if (status === 0) return stdout;
  const last = `${stderr}\n${stdout}`.trim().split('\n').slice(-3).join(' / ');
  throw new Unavailable(`${program} ${args[0] ?? ''} failed: ${last}`);
}

/** The first version number that a program tells. */
export function versionOf(program: string, ...args: readonly string[]): string {
  const { error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Unavailable(`${program} is not installed`);
  return /\d+\.\d+[.\w-]*/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown version';
}
