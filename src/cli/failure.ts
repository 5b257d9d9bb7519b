/** What a failed command says and how it exits. */
import { UsageError } from './arguments.ts';
import { EXIT_FAILED, EXIT_FORCED, EXIT_USAGE } from './exit-codes.ts';

export interface Failure {
  /** Whole lines. */
  readonly text: string;
  readonly exitCode: number;
}

/** Errors whose message is written for the operator and lists every mistake, one a line. By name, so that none of their modules is loaded for it. */
const MISTAKES: ReadonlySet<string> = new Set(['ConfigError', 'SchemaError', 'GenerationError']);

/** Anything thrown by a command. What we did not expect keeps its stack: somebody has to find it. */
export function describeFailure(thrown: unknown): Failure {
  if (thrown instanceof UsageError) {
    return {
      text: `polygate: ${thrown.message}\n(--help shows the usage)\n`,
      exitCode: EXIT_USAGE,
    };
  }
  if (!(thrown instanceof Error)) {
    return { text: `polygate: ${String(thrown)}\n`, exitCode: EXIT_FORCED };
  }
  if (MISTAKES.has(thrown.name) || isOfTheSystem(thrown) || hasOperatorCause(thrown)) {
    return { text: `${thrown.message}\n${portHint(thrown.cause)}`, exitCode: EXIT_FAILED };
  }
  return {
    text: `polygate: internal error\n${thrown.stack ?? thrown.message}\n`,
    exitCode: EXIT_FORCED,
  };
}

/** A port that is taken, a file that may not be read. */
function isOfTheSystem(thrown: unknown): boolean {
  return thrown instanceof Error && 'syscall' in thrown;
}

/** By itself an EvalError is a mistake of ours; as a cause somebody has found words for it. */
function hasOperatorCause({ cause }: Error): boolean {
  return isOfTheSystem(cause) || cause instanceof EvalError;
}

function portHint(cause: unknown): string {
  const taken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
  return taken ? '--port and --admin-port choose others; 0 is any free one\n' : '';
}
