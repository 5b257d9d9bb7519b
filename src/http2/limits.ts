/** What we grant a peer; told to it in our first SETTINGS where HTTP/2 has a place for it. */

export interface Grants {
  /** How much of a stream may wait unread. */
  readonly streamWindow: number;
  /** Given back when half of it is used. */
  readonly connectionWindow: number;
  /**
   * Whether bytes that nobody has read yet keep their part of the connection's window, which bounds what all streams together may hold.
   * Otherwise a stream whose reader is slow holds up no other.
   */
  readonly countsUnread: boolean;
  /** The dynamic table that the peer may keep for what it sends. */
  readonly tableBytes: number;
  /** One header list, as RFC 9113 section 10.5.1 counts it. */
  readonly listBytes: number;
  readonly listFields: number;
  /** Compressed, of one list. */
  readonly blockBytes: number;
  /** Streams of the peer at a time. */
  readonly streams: number;
  /** Frames that cost us and gain nobody anything, of each kind. */
  readonly controlFramesPerSecond: number;
  /** Windows that are widened by a few bytes while more waits for them: each makes us send a frame for these few. */
  readonly smallWindowsPerSecond: number;
  /** Streams that the peer ends before their time, or makes us end. */
  readonly resetsPerSecond: number;
}

/** The default of 64 KB allows 1.3 MB/s over 50 ms. */
export const STREAM_WINDOW = 262_144;
/** The table of RFC 9113, where SETTINGS say nothing. */
export const DEFAULT_TABLE_BYTES = 4_096;
