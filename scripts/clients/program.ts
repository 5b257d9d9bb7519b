/** Clients that are commands: run to their end, or read while they run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lines } from './types.ts';

export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
}

const MAX_MS = 20_000;

/** Rejects with what it said where its exit status isn't 0. */
export async function runProgram(
  command: string,
  words: readonly string[],
  input = '',
): Promise<Ended> {
  const child = spawn(command, words, { stdio: 'pipe', timeout: MAX_MS, env: environment() });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  // A program that has ended without reading says why by itself.
  child.stdin.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') child.emit('error', error);
  });
  child.stdin.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const stderr = Buffer.concat(err).toString();
  if (code !== 0) throw new Error(`${command} ended with ${code ?? signal}: ${stderr.trim()}`);
  return { stdout: Buffer.concat(out).toString(), stderr };
}

/** Its output, line by line; cancelled by ending it. */
export function readProgram(command: string, words: readonly string[]): Lines {
  const child = spawn(command, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: MAX_MS,
    env: environment(),
  });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await lines.next();
      return done === true ? null : value;
    },
    async cancel() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** A proxy of the machine knows nothing of our ports. */
function environment(): NodeJS.ProcessEnv {
  return { ...process.env, NO_PROXY: '*', no_proxy: '*', LC_ALL: 'C' };
}
