/** A header block that cannot be read: the table is out of step from here on, so the connection ends (RFC 9113 section 4.3). */
export class HpackFault extends Error {
  /** Whether the peer wants a larger table than it may have. */
  readonly ofTable: boolean;

  constructor(message: string, ofTable = false) {
    super(message);
    this.name = 'HpackFault';
    this.ofTable = ofTable;
  }
}
