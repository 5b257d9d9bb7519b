/**
 * What the reader throws: only that and about where, since who answers the client parses the body again to say it well (json-faults.ts).
 */
export class JsonFault extends Error {
  /** Of the byte at which reading stopped; near the mistake, not always its first byte. */
  readonly offset: number;

  /** Whether it nests deeper than is taken: what makes it so cannot be found by looking at its parts. */
  readonly deep: boolean;

  constructor(offset: number, deep = false) {
    super(`JSON refused at byte ${offset}`);
    this.offset = offset;
    this.deep = deep;
  }
}
