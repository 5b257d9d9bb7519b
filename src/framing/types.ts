/** Framing: where one message ends and the next begins, over chunks that are cut anywhere. */

/** `event` is the type of a server-sent event where it has one; other framings have none. */
export type Emit = (message: Uint8Array, event?: string) => void;

/** Incremental; throws a GatewayError on what the framing does not allow. */
export interface FrameDecoder {
  /** Takes a chunk and emits each message that it completes. */
  push(chunk: Uint8Array, emit: Emit): void;
  /** The source has ended properly: emits what is complete now, throws where a message is cut off. */
  finish(emit: Emit): void;
}
