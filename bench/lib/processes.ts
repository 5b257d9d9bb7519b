/** Processes on a core of their own, and what the system has counted for them. Linux only: it reads /proc. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync } from 'node:fs';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
}

/** The contestant alone; everything else has the other. */
export const GATEWAY_CORE = 0;
export const OTHER_CORE = 1;

/** What /proc counts time in; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const STOP_MS = 5000;
const started = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of started) child.kill('SIGKILL');
});

/** Output goes to `logFile`, so that no pipe fills up. */
export function start(command: Command, core: number, logFile: string): Running {
  const log = openSync(logFile, 'a');
  const { program, args, env, cwd } = command;
  // taskset becomes the program, so the process id is the program's.
  const child = spawn('taskset', ['-c', String(core), program, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  if (child.pid === undefined) throw new Error('taskset is missing (Debian: util-linux)');
  started.add(child);
  child.once('exit', () => started.delete(child));
  return { pid: child.pid, child };
}

export async function stop({ child }: Running): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/** Moves this process, and what it will start, to `core`. */
export function pinSelf(core: number): void {
  execFileSync('taskset', ['-a', '-cp', String(core), String(process.pid)], { stdio: 'ignore' });
}

/** User and system time of a process and its children, all threads, so far. */
export function cpuMsOf(pid: number): number {
  let ticks = 0;
  for (const id of treeOf(pid)) {
    const fields = statOf(id);
    // proc(5): utime and stime of the process, then those of children that ended.
    for (const at of [11, 12, 13, 14]) ticks += Number(fields[at]);
  }
  return (ticks * 1000) / TICKS_PER_SECOND;
}

/** Resident memory of a process and its children. */
export function rssMbOf(pid: number): number {
  let kb = 0;
  for (const id of treeOf(pid)) {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    kb += Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
  }
  return kb / 1024;
}

/** The highest resident memory while `work` runs; it may ask for what it is so far. */
export async function withRss<T>(
  pid: number,
  work: (peakMb: () => number) => Promise<T>,
): Promise<{ readonly result: T; readonly rssMb: number }> {
  let rssMb = rssMbOf(pid);
  const timer = setInterval(() => (rssMb = Math.max(rssMb, rssMbOf(pid))), 100);
  try {
    return { result: await work(() => rssMb), rssMb };
  } finally {
    clearInterval(timer);
  }
}

function treeOf(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
}

/** The fields after the name, which may have spaces: the first is the state, field 3 of proc(5). */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
