/**
 * What the reader throws: only that and about where, since who answers the client parses the body again to say it well (json-faults.ts).
 */
export class JsonFault extends Error {
  /** Of the byte at which reading stopped; near the mistake, not always its first byte. */
  readonly offset: number;

  constructor(offset: number) {
    super(`JSON refused at byte ${offset}`);
    this.offset = offset;
  }
}
