/** Framing: where one message ends and the next begins, over chunks that are cut anywhere. */

/** Incremental; throws a GatewayError on what the framing does not allow. */
export interface FrameDecoder {
  /** Takes a chunk and emits each message that it completes. */
  push(chunk: Uint8Array, emit: (message: Uint8Array) => void): void;
  /** The source has ended properly: emits what is complete now, throws where a message is cut off. */
  finish(emit: (message: Uint8Array) => void): void;
}
