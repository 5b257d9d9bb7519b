/** One request and its answer on a connection; plain slots that sender and receiver work on. */
import type { OutgoingStream, StreamListener } from '../call/transport.ts';
import type { Linked, LinkedList } from '../lib/linked-list.ts';

/** The connection as a stream sees it. */
export interface StreamOwner {
  /** Sends both as one piece, or what the windows allow of it; false where something must wait. */
  write(stream: Stream, prefix: Uint8Array, bytes: Uint8Array, end: boolean): boolean;
  credit(stream: Stream, bytes: number): void;
  cancel(stream: Stream): void;
  reset(stream: Stream, code: number): void;
}

const NOTHING = new Uint8Array();
export const BLOCK_SENT: readonly Uint8Array[] = [];

export class Stream implements OutgoingStream, Linked<Stream> {
  /** The header block, in parts that follow each other; let go of when it is written, since streams live long and share slabs. */
  block: readonly Uint8Array[];
  readonly listener: StreamListener;
  /** Null while it waits for a connection. */
  owner: StreamOwner | null = null;
  /** Where it waits, for a connection or for a window; a cancelled one leaves at once. */
  list: LinkedList<Stream> | null = null;
  listNext: Stream | null = null;
  listPrevious: Stream | null = null;
  id = 0;
  /** How many chunks the connection had read, and how often it had written, when this was opened. */
  openedAt = 0;
  begunAt = 0;
  /** What the peer lets us send. */
  sendWindow = 0;
  /** What we let the peer send; not below 0. */
  receiveWindow = 0;
  /** What has come and was not given back by {@link credit} yet. */
  unread = 0;
  /** Used up and not yet given back to the peer. */
  owed = 0;
  /** What the windows or the socket hold back. */
  pending: Uint8Array[] | null = null;
  pendingBytes = 0;
  /** The half-close waits behind `pending`. */
  pendingEnd = false;
  /** A header block that ends our side behind `pending`. */
  trailers: Uint8Array | null = null;
  /** What went out of what had to wait: it moves as long as the peer reads. */
  sentLate = 0;
  /** A write was answered with false. */
  wantsDrain = false;
  localEnded = false;
  remoteEnded = false;
  sawHead = false;
  /** The request is a HEAD: nothing comes behind the head of its answer, whatever that says. */
  ofHead = false;
  /** What the head of an answer has promised and has not come; -1 where it promised nothing. */
  promised = -1;
  /** Over for both sides; nobody hears of it any more. */
  closed = false;

  constructor(block: readonly Uint8Array[], listener: StreamListener) {
    this.block = block;
    this.listener = listener;
  }

  write(prefix: Uint8Array, bytes: Uint8Array, end: boolean): boolean {
    if (this.closed || this.localEnded || this.pendingEnd) return true;
    if (this.owner !== null) return this.owner.write(this, prefix, bytes, end);
    this.hold(prefix, bytes, end);
    this.wantsDrain = this.pendingBytes > 0;
    return !this.wantsDrain;
  }

  credit(bytes: number): void {
    if (!this.closed) this.owner?.credit(this, bytes);
  }

  cancel(): void {
    if (this.closed) return;
    if (this.owner === null) this.close();
    else this.owner.cancel(this);
  }

  /** Our side has ended, all of it is with the socket. */
  onSent(): void {}

  /** Lets go of everything; whoever calls it tells the listener, if at all. */
  close(): void {
    this.closed = true;
    this.list?.delete(this);
    this.pending = null;
    this.pendingBytes = 0;
  }

  /** Puts it behind what waits. */
  hold(prefix: Uint8Array, bytes: Uint8Array, end: boolean): void {
    const pending = (this.pending ??= []);
    // A view of a shared chunk may stay; the prefix is the caller's.
    if (prefix.length > 0) pending.push(prefix.slice());
    if (bytes.length > 0) pending.push(bytes);
    this.pendingBytes += prefix.length + bytes.length;
    this.pendingEnd = end;
  }

  /** Takes exactly `bytes` off the front of what waits; there are as many. */
  take(bytes: number, each: (part: Uint8Array) => void): void {
    const { pending } = this;
    if (pending === null) return;
    let left = bytes;
    let whole = 0;
    while (left > 0) {
      const part = pending[whole] ?? NOTHING;
      if (part.length > left) {
        each(part.subarray(0, left));
        pending[whole] = part.subarray(left);
        left = 0;
      } else {
        each(part);
        left -= part.length;
        whole++;
      }
    }
    pending.splice(0, whole);
    this.pendingBytes -= bytes;
  }
}
