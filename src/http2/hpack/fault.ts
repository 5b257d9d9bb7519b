/** A header block that cannot be read: the table is out of step from here on, so the connection ends (RFC 9113 section 4.3). */
export class HpackFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'HpackFault';
  }
}
