/** Something that this machine does not have; the message is the reason that the table prints. */
export class Unavailable extends Error {}
