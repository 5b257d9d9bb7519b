/** The frames that carry nothing of a request or an answer (RFC 9113 sections 6.4 to 6.9). */
import { FrameType } from './frames.ts';
import type { Output } from './output.ts';

/** `settings`: identifier, value, identifier, value. */
export function writeSettings(output: Output, settings: readonly number[]): void {
  output.frame(3 * settings.length, FrameType.settings, 0, 0);
  for (let i = 0; i < settings.length; i += 2) {
    output.uint16(settings[i] ?? 0);
    output.uint32(settings[i + 1] ?? 0);
  }
}

export function writeReset(output: Output, streamId: number, code: number): void {
  output.frame(4, FrameType.rstStream, 0, streamId);
  output.uint32(code);
}

/** `payload` has eight bytes. */
export function writePing(output: Output, payload: Uint8Array, flags: number): void {
  output.frame(8, FrameType.ping, flags, 0);
  output.append(payload);
}

/** `lastId` is the last stream of the peer that is looked at. */
export function writeGoaway(output: Output, lastId: number, code: number): void {
  output.frame(8, FrameType.goaway, 0, 0);
  output.uint32(lastId);
  output.uint32(code);
}

export function writeWindowUpdate(output: Output, streamId: number, increment: number): void {
  output.frame(4, FrameType.windowUpdate, 0, streamId);
  output.uint32(increment);
}
