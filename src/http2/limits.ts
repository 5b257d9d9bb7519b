/** What we grant a peer; told to it in our first SETTINGS where HTTP/2 has a place for it. */

/** How much of a stream may wait unread. The default of 64 KB allows 1.3 MB/s over 50 ms. */
export const STREAM_WINDOW = 262_144;
/** Given back when half of it is used: two frames for so many megabytes. */
export const CONNECTION_WINDOW = 8_388_608;
/** The dynamic table that the peer may keep for what it sends; the default of RFC 9113. */
export const TABLE_BYTES = 4_096;
/** One header list, as RFC 9113 section 10.5.1 counts it. */
export const MAX_LIST_BYTES = 65_536;
