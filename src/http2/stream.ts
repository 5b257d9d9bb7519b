/** One request and its answer on a connection; plain slots that sender and receiver work on. */
import type { OutgoingStream, StreamListener } from '../call/transport.ts';

/** The connection as a stream sees it. */
export interface StreamOwner {
  send(stream: Stream): void;
  credit(stream: Stream): void;
  cancel(stream: Stream): void;
}

const NOTHING = new Uint8Array();

export class Stream implements OutgoingStream {
  /** The header block, in parts that follow each other. */
  readonly head: readonly Uint8Array[];
  readonly listener: StreamListener;
  /** Null while it waits for a connection. */
  owner: StreamOwner | null = null;
  /** Where it waits; a cancelled one leaves at once. */
  queue: Set<Stream> | null = null;
  id = 0;
  /** How many chunks the connection had read, and how often it had written, when this was opened. */
  openedAt = 0;
  begunAt = 0;
  /** What the peer lets us send. */
  sendWindow = 0;
  /** What we let the peer send; not below 0. */
  receiveWindow = 0;
  /** Used up and not yet given back to the peer. */
  owed = 0;
  /** What the windows or the socket hold back. */
  readonly pending: Uint8Array[] = [];
  pendingBytes = 0;
  /** The half-close waits behind `pending`. */
  pendingEnd = false;
  /** A write was answered with false. */
  wantsDrain = false;
  localEnded = false;
  remoteEnded = false;
  sawHead = false;
  /** Over for both sides; nobody hears of it any more. */
  closed = false;

  constructor(head: readonly Uint8Array[], listener: StreamListener) {
    this.head = head;
    this.listener = listener;
  }

  write(prefix: Uint8Array, bytes: Uint8Array, end: boolean): boolean {
    if (this.closed || this.localEnded || this.pendingEnd) return true;
    // A view of a shared chunk may stay; the prefix is the caller's.
    if (prefix.length > 0) this.pending.push(prefix.slice());
    if (bytes.length > 0) this.pending.push(bytes);
    this.pendingBytes += prefix.length + bytes.length;
    this.pendingEnd = end;
    this.owner?.send(this);
    this.wantsDrain = this.pendingBytes > 0;
    return !this.wantsDrain;
  }

  credit(bytes: number): void {
    this.owed += bytes;
    if (!this.closed && !this.remoteEnded) this.owner?.credit(this);
  }

  cancel(): void {
    if (this.closed) return;
    if (this.owner === null) this.close();
    else this.owner.cancel(this);
  }

  /** Lets go of everything; whoever calls it tells the listener, if at all. */
  close(): void {
    this.closed = true;
    this.queue?.delete(this);
    this.queue = null;
    this.pending.length = 0;
    this.pendingBytes = 0;
  }

  /** Takes exactly `bytes` off the front of what waits; there are as many. */
  take(bytes: number, each: (part: Uint8Array) => void): void {
    let left = bytes;
    let whole = 0;
    while (left > 0) {
      const part = this.pending[whole] ?? NOTHING;
      if (part.length > left) {
        each(part.subarray(0, left));
        this.pending[whole] = part.subarray(left);
        left = 0;
      } else {
        each(part);
        left -= part.length;
        whole++;
      }
    }
    this.pending.splice(0, whole);
    this.pendingBytes -= bytes;
  }
}
