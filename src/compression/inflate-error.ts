/** Bytes that could not be inflated, or that may not be; whose fault it is knows who received them. */

export class InflateError extends Error {
  /** They would have become larger than allowed; else they are no compressed bytes. */
  readonly tooLarge: boolean;

  constructor(cause: unknown) {
    super('the bytes cannot be inflated', { cause });
    this.name = 'InflateError';
    this.tooLarge = (cause as Partial<NodeJS.ErrnoException>).code === 'ERR_BUFFER_TOO_LARGE';
  }
}
