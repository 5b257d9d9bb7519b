/** A CPU profile, summed up. */
import type { CallFrame, CpuProfile } from './inspector.ts';

export interface Share {
  readonly name: string;
  readonly selfUs: number;
}

export interface SelfTimes {
  /** Everything but waiting. */
  readonly busyUs: number;
  readonly groups: readonly Share[];
  readonly functions: readonly Share[];
}

const IDLE = '(idle)';

/** `root` is the file URL of the checkout, with a slash at its end. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, root: string): SelfTimes {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  let busyUs = 0;
  for (const [at, id] of samples.entries()) {
    const frame = frames.get(id);
    // A sample stands for the time until the next one.
    const selfUs = timeDeltas[at + 1] ?? 0;
    if (frame === undefined || frame.functionName === IDLE) continue;
    busyUs += selfUs;
    add(groups, groupOf(frame, root), selfUs);
    add(functions, functionOf(frame, root), selfUs);
  }
  return { busyUs, groups: descending(groups), functions: descending(functions) };
}

/** The folder of src, two levels deep under protocols and policies; packages and Node by name. */
export function groupOf({ functionName, url, lineNumber }: CallFrame, root: string): string {
  if (url.startsWith(root)) {
    const path = url.slice(root.length).split('/');
    const modules = path.lastIndexOf('node_modules');
    if (modules >= 0) {
      const [scope = '', name = ''] = path.slice(modules + 1);
      return `node_modules/${scope.startsWith('@') ? `${scope}/${name}` : scope}`;
    }
    const isDeep = path[1] === 'protocols' || path[1] === 'policies';
    return path.slice(0, Math.min(path.length - 1, isDeep ? 3 : 2)).join('/');
  }
  if (url.startsWith('node:')) return 'node internals';
  if (url.startsWith('wasm:')) return 'wasm';
  if (url !== '') return url;
  if (functionName.startsWith('(')) return functionName;
  return lineNumber < 0 ? 'native' : 'compiled at load';
}

function functionOf({ functionName, url, lineNumber }: CallFrame, root: string): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const path = url.startsWith(root) ? url.slice(root.length) : url;
  return `${name}  ${path}:${lineNumber + 1}`;
}

function add(sums: Map<string, number>, name: string, selfUs: number): void {
  sums.set(name, (sums.get(name) ?? 0) + selfUs);
}

function descending(sums: ReadonlyMap<string, number>): Share[] {
  return [...sums]
    .map(([name, selfUs]) => ({ name, selfUs }))
    .toSorted((left, right) => right.selfUs - left.selfUs);
}
