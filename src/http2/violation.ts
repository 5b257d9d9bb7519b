/** What a connection is ended with when something was thrown while it was read. */
import type { LimitName } from '../call/server.ts';
import { ConnectionFault, ErrorCode } from './errors.ts';
import { HpackFault } from './hpack/fault.ts';

export interface Violation {
  readonly error: Error;
  /** For GOAWAY. */
  readonly code: number;
  /** The bound that the peer went beyond, if it was one. */
  readonly limit: LimitName | undefined;
}

export function violationOf(thrown: unknown): Violation {
  if (thrown instanceof ConnectionFault) {
    return { error: thrown, code: thrown.code, limit: thrown.limit };
  }
  if (thrown instanceof HpackFault) {
    const limit = thrown.ofTable ? 'header_table' : undefined;
    return { error: thrown, code: ErrorCode.compressionError, limit };
  }
  // A fault of our own.
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { error, code: ErrorCode.internalError, limit: undefined };
}
