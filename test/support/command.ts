/** The command as a process of its own, from sources. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface Exit {
  /** The exit code, or the signal that ended it. */
  readonly code: number | NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly exit: Promise<Exit>;
  /** The first match of `pattern` in what was printed so far or will be; rejects when the process ends without one. */
  outHas(pattern: RegExp): Promise<RegExpExecArray>;
  errHas(pattern: RegExp): Promise<RegExpExecArray>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of node, before the file. */
  readonly node?: readonly string[];
}

export const ROOT: string = fileURLToPath(new URL('../..', import.meta.url));
const CLI = `${ROOT}/src/cli.ts`;
/** What one process compiles, the next ones find. */
const CACHE = { XDG_CACHE_HOME: `${ROOT}/node_modules/.cache` };

/** Killed behind the test if it still runs. */
export function start(t: TestContext, args: readonly string[], options: RunOptions = {}): Running {
  const { cwd = ROOT, env = {}, node = [] } = options;
  const child = spawn(process.execPath, ['--conditions=polygate-source', ...node, CLI, ...args], {
    cwd,
    env: { ...process.env, ...CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out = new Printed(child.stdout);
  const err = new Printed(child.stderr);
  const exit = new Promise<Exit>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code: code ?? signal, out: out.text, err: err.text });
    });
  });
  t.after(() => child.kill('SIGKILL'));
  return {
    child,
    exit,
    outHas: (pattern) => out.has(pattern),
    errHas: (pattern) => err.has(pattern),
  };
}

/** Runs to its end. */
export function run(t: TestContext, args: readonly string[], options?: RunOptions): Promise<Exit> {
  return start(t, args, options).exit;
}

/** One of the two outputs. */
class Printed {
  text = '';
  readonly #stream: Readable;

  constructor(stream: Readable) {
    this.#stream = stream.setEncoding('utf8').on('data', (text: string) => (this.text += text));
  }

  has(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): boolean => {
        const match = pattern.exec(this.text);
        if (match === null) return false;
        this.#stream.off('data', look);
        resolve(match);
        return true;
      };
      if (look()) return;
      this.#stream.on('data', look);
      this.#stream.once('close', () => {
        if (!look())
          reject(new Error(`${String(pattern)} is not in what was printed:\n${this.text}`));
      });
    });
  }
}
