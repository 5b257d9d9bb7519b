/** What no protobuf compiler would take, with its place. */

export class CompileError extends Error {
  /** The import name. */
  readonly file: string;
  /** In UTF-16 units. */
  readonly offset: number;

  constructor(message: string, file: string, offset: number) {
    super(message);
    this.name = 'CompileError';
    this.file = file;
    this.offset = offset;
  }
}
