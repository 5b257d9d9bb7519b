/** The layout of frames (RFC 9113 sections 4.1 and 6). */

export const FrameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goaway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

export const Flag = {
  endStream: 0x1,
  ack: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

export const FRAME_HEAD_BYTES = 9;
/** What every endpoint must take, and all that we take (RFC 9113 section 4.2). */
export const MIN_MAX_FRAME_BYTES = 16_384;
/** The largest flow-control window (RFC 9113 section 6.9.1). */
export const MAX_WINDOW = 0x7fff_ffff;
export const DEFAULT_WINDOW = 65_535;
/** What a client says first (RFC 9113 section 3.4). */
export const PREFACE: Uint8Array = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

/** The head of a frame as it was read. */
export interface FrameHead {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  /** 0 is the connection. */
  readonly streamId: number;
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) * 0x100_0000 +
    (((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
  );
}

/** 31 bits; the reserved one is ignored. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & 0x7fff_ffff;
}
