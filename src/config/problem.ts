/** One mistake of a configuration, and the error that carries all of them. */

export interface Problem {
  /** As `upstreams.bookstore.endpoints[1]`; empty for the configuration as a whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Thrown before anything starts; its message has one line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  /** `origin` is what the problems are in, as a file's name. */
  constructor(problems: readonly Problem[], origin = 'configuration') {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(
      [`${origin}: ${count}`, ...problems.map((problem) => `  ${formatProblem(problem)}`)].join(
        '\n',
      ),
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** As `listen.port: expected a port from 0 to 65535, found "http"`. */
export function formatProblem(problem: Problem): string {
  const where = problem.path === '' ? '' : `${problem.path}: `;
  return `${where}expected ${problem.expected}, found ${problem.found}`;
}

/** The path of a key or an index below `path`. */
export function below(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** Long enough to recognize a value, short enough for one line. */
const MAX_SHOWN = 80;

/** A value in the words of a message. A PEM block is never shown, it may be a private key. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return describeText(value);
  if (Array.isArray(value))
    return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'object') return value === null ? 'null' : 'an object';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `a ${typeof value}`;
}

function describeText(value: string): string {
  if (value.includes('-----BEGIN')) return 'PEM text';
  const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return JSON.stringify(shown);
}
