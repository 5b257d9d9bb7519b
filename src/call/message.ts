/** One message as it was received: its bytes and the codec that they are in. Converting is the business of whoever writes another codec. */

export type CodecName = 'proto' | 'json' | 'bytes';

export interface Message {
  readonly codec: CodecName;
  /** A view into the received chunk: valid for as long as its unary call; what waits longer copies it. */
  readonly bytes: Uint8Array;
}
