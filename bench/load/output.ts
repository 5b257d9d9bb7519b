import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { InvalidRun } from './types.ts';

interface Bounds {
  readonly env?: Readonly<Record<string, string>>;
  /** How long the load should take; it is killed when it takes half a minute longer. */
  readonly seconds: number;
}

const execute = promisify(execFile);

/** What a load generator prints, both streams. */
export async function output(
  program: string,
  args: readonly string[],
  { env, seconds }: Bounds,
): Promise<string> {
  try {
    const { stdout, stderr } = await execute(program, args, {
      env: { ...process.env, ...env },
      timeout: (seconds + 30) * 1000,
      maxBuffer: 2 ** 26,
    });
    return `${stdout}\n${stderr}`;
  } catch (error) {
    throw new InvalidRun(`${program} failed: ${(error as Error).message}`, { cause: error });
  }
}
