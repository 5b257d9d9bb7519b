/** SETTINGS both ways (RFC 9113 section 6.5). */
import { ConnectionFault, ErrorCode } from './errors.ts';
import { DEFAULT_WINDOW, MAX_WINDOW, MIN_MAX_FRAME_BYTES, readUint32 } from './frames.ts';

export const SettingId = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  /** RFC 8441 section 3. */
  enableConnectProtocol: 0x8,
} as const;

/** What the peer has said, or the values that hold until it does. */
export interface PeerSettings {
  /** No value is no limit (RFC 9113 section 6.5.2). */
  maxConcurrentStreams: number;
  initialWindow: number;
  maxFrameBytes: number;
}

const ENTRY_BYTES = 6;
const MAX_MAX_FRAME_BYTES = 0xff_ffff;

export function defaultSettings(): PeerSettings {
  return {
    maxConcurrentStreams: Infinity,
    initialWindow: DEFAULT_WINDOW,
    maxFrameBytes: MIN_MAX_FRAME_BYTES,
  };
}

/** Writes the entries of `payload` into `settings`; unknown ones are ignored. `mayAllowPush` is what the peer may say. */
export function applySettings(
  payload: Uint8Array,
  settings: PeerSettings,
  mayAllowPush: boolean,
): void {
  if (payload.length % ENTRY_BYTES !== 0) {
    throw new ConnectionFault(ErrorCode.frameSizeError, 'SETTINGS of a broken length');
  }
  for (let at = 0; at < payload.length; at += ENTRY_BYTES) {
    const id = ((payload[at] ?? 0) << 8) | (payload[at + 1] ?? 0);
    applySetting(settings, id, readUint32(payload, at + 2), mayAllowPush);
  }
}

function applySetting(
  settings: PeerSettings,
  id: number,
  value: number,
  mayAllowPush: boolean,
): void {
  if (id === SettingId.maxConcurrentStreams) {
    settings.maxConcurrentStreams = value;
  } else if (id === SettingId.initialWindowSize) {
    if (value > MAX_WINDOW) {
      throw new ConnectionFault(ErrorCode.flowControlError, 'an initial window that is too large');
    }
    settings.initialWindow = value;
  } else if (id === SettingId.maxFrameSize) {
    if (value < MIN_MAX_FRAME_BYTES || value > MAX_MAX_FRAME_BYTES) {
      throw new ConnectionFault(ErrorCode.protocolError, `a largest frame of ${value} bytes`);
    }
    settings.maxFrameBytes = value;
  } else if (id === SettingId.enablePush && (value > 1 || (!mayAllowPush && value === 1))) {
    throw new ConnectionFault(ErrorCode.protocolError, `ENABLE_PUSH of ${value}`);
  }
}
