/** Commands as a user runs them: nothing of the checkout, of npm run or of the test runner is in their environment. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Serving {
  /** `http://HOST:PORT` of the gateway. */
  readonly origin: string;
  readonly adminPort: number;
  readonly child: ChildProcess;
  /** Asks it to end and gives its exit code. */
  stop(): Promise<number | null>;
}

const OWN_VARIABLES = /^(?:npm_(?:package|lifecycle|config_local_prefix|command|execpath)|NODE_)/;

/** The Node that runs the tests comes first, so that the commands do not meet an older one of the machine. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !OWN_VARIABLES.test(name)) env[name] = value;
  }
  const path = (env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  return { ...env, PATH: [dirname(process.execPath), ...path].join(delimiter), ...extra };
}

/** Never rejects for an exit code: what it means is the caller's. */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: RunOptions,
): Promise<Ended> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, {
      cwd,
      env: cleanEnvironment(env),
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') {
      throw error;
    }
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { code: error.code, stdout, stderr };
  }
}

/** As {@link run}, and every other exit code than 0 is an error with what was printed. */
export async function runWell(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
}

/** Starts a `polygate serve` and waits for the line that says where it listens. */
export async function startServing(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: RunOptions,
): Promise<Serving> {
  const child = spawn(command, args, {
    cwd,
    env: cleanEnvironment(env),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [origin, adminPort] = await new Promise<[string, number]>((resolve, reject) => {
    let printed = '';
    child.on('error', reject);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      const found = /listens on (http:\S+), admin on http:\/\/[^:]+:(\d+)\n/.exec(printed);
      if (found !== null) resolve([found[1] ?? '', Number(found[2])]);
    });
    void exit.then((code) => reject(new Error(`it ended with ${code}: ${printed}`)));
  });
  const stop = (): Promise<number | null> => {
    child.kill('SIGTERM');
    return exit;
  };
  return { origin, adminPort, child, stop };
}
