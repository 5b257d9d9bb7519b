/** What a codec cannot read or write; who calls it knows whose fault that is and says it in the client's words. */
export class CodecError extends Error {
  constructor(message: string) {
    // Hostile bytes are expected, and a stack of generated code helps nobody.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
    this.name = 'CodecError';
  }
}
