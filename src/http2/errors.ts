/** Error codes (RFC 9113 section 7) and the two scopes of a violation. */
import type { LimitName } from '../call/server.ts';

export const ErrorCode = {
  noError: 0x0,
  protocolError: 0x1,
  internalError: 0x2,
  flowControlError: 0x3,
  streamClosed: 0x5,
  frameSizeError: 0x6,
  refusedStream: 0x7,
  cancel: 0x8,
  compressionError: 0x9,
  enhanceYourCalm: 0xb,
} as const;

/** What ends the whole connection (RFC 9113 section 5.4.1). Thrown inside the core, never out of it. */
export class ConnectionFault extends Error {
  readonly code: number;
  /** The bound that it went beyond, if it was one. */
  readonly limit: LimitName | undefined;

  constructor(code: number, message: string, limit?: LimitName) {
    super(message);
    this.name = 'ConnectionFault';
    this.code = code;
    this.limit = limit;
  }
}
