/** What a client may have of us, as the core knows it. */
import type { ConnectionLimits } from '../call/server.ts';
import { PREFACE } from './frames.ts';
import { SettingId } from './settings.ts';
import { settingsOf, type Side } from './side.ts';

/** Over 50 ms it allows 2.6 MB/s of an upload. */
const STREAM_WINDOW = 131_072;
/** What all streams of a connection may hold unread: uploads to sixteen services that read nothing. */
const CONNECTION_WINDOW = 2_097_152;
const LINGER_MS = 1_000;

/** One for all connections of a listener. */
const sides = new WeakMap<ConnectionLimits, Side>();

export function serverSide(limits: ConnectionLimits): Side {
  const known = sides.get(limits);
  if (known !== undefined) return known;
  const grants = {
    streamWindow: STREAM_WINDOW,
    connectionWindow: CONNECTION_WINDOW,
    countsUnread: true,
    tableBytes: limits.headerTableBytes,
    listBytes: limits.headerBytes,
    listFields: limits.headers,
    blockBytes: limits.headerBlockBytes,
    streams: limits.streams,
    controlFramesPerSecond: limits.controlFramesPerSecond,
    smallWindowsPerSecond: limits.controlFramesPerSecond,
    resetsPerSecond: limits.resetsPerSecond,
  };
  const settings = settingsOf(grants);
  settings.push(SettingId.maxConcurrentStreams, limits.streams, SettingId.enableConnectProtocol, 1);
  const side: Side = {
    preface: new Uint8Array(),
    peerPreface: PREFACE,
    parity: 0,
    peerMayAllowPush: true,
    settings,
    grants,
    lingerMs: LINGER_MS,
  };
  sides.set(limits, side);
  return side;
}
