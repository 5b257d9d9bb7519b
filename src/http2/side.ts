/** What differs between the two ends of a connection; everything else of the core is the same for both. */
import { DEFAULT_TABLE_BYTES, type Grants } from './limits.ts';
import { SettingId } from './settings.ts';

export interface Side {
  /** Sent ahead of our SETTINGS. */
  readonly preface: Uint8Array;
  /** What the peer sends ahead of its own. */
  readonly peerPreface: Uint8Array;
  /** The lowest bit of the numbers of our streams (RFC 9113 section 5.1.1). */
  readonly parity: 0 | 1;
  /** Whether the peer may say ENABLE_PUSH of 1 (RFC 9113 section 6.5.2). */
  readonly peerMayAllowPush: boolean;
  /** Our SETTINGS: identifier, value, identifier, value. */
  readonly settings: readonly number[];
  readonly grants: Grants;
  /** How long a connection that we have ended is still read, so that the peer reads what we said last (RFC 9112 section 9.6). */
  readonly lingerMs: number;
}

/** The entries that say what is granted, where that is not what holds anyway. */
export function settingsOf({ streamWindow, listBytes, tableBytes }: Grants): number[] {
  const settings = [
    SettingId.initialWindowSize,
    streamWindow,
    SettingId.maxHeaderListSize,
    listBytes,
  ];
  if (tableBytes !== DEFAULT_TABLE_BYTES) settings.push(SettingId.headerTableSize, tableBytes);
  return settings;
}
