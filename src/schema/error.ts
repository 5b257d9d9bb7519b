/** What is wrong with a schema: everything that was found, each thing with its place. */

export interface SchemaProblem {
  /** What was found and what was expected, without the place. */
  readonly message: string;
  /** The file as the operator knows it: a `.proto` path, a descriptor set, a YAML file. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1, in UTF-16 units. */
  readonly column?: number;
}

/** A schema that cannot be served. `message` lists every problem, one a line. */
export class SchemaError extends Error {
  readonly problems: readonly SchemaProblem[];

  constructor(problems: readonly SchemaProblem[], options?: ErrorOptions) {
    super(problems.map(describeProblem).join('\n'), options);
    this.name = 'SchemaError';
    this.problems = problems;
  }
}

/** As `bookstore.proto:12:5: expected a name, found "="`. */
export function describeProblem(problem: SchemaProblem): string {
  if (problem.file === undefined) return problem.message;
  const line = problem.line === undefined ? '' : `:${problem.line}`;
  const column =
    problem.line === undefined || problem.column === undefined ? '' : `:${problem.column}`;
  return `${problem.file}${line}${column}: ${problem.message}`;
}

/** More than this say no more, and finding each costs: a stranger's schema may be wrong in a million places. */
export const MAX_PROBLEMS = 20;

/** The text of any thrown value, for the message of a problem. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
