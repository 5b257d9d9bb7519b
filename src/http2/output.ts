/**
 * What goes out on one connection. Frames of one event-loop iteration are joined and written by setImmediate: calls that share the
 * socket share the system call as well.
 */
import type { Socket } from 'node:net';
import { FRAME_HEAD_BYTES } from './frames.ts';

/** The first slab of a connection, most of which say little; each next one is twice as large. */
const FIRST_SLAB_BYTES = 512;
const MAX_SLAB_BYTES = 16_384;
/** Smaller parts are copied behind the frame's head; larger ones are handed to the socket as they are. */
const COPY_BYTES = 4_096;
/** More is written at once. */
const JOIN_BYTES = 65_536;

export class Output {
  readonly #socket: Socket;
  /** Written front to back and never again: what is on its way to the socket stays as it is. */
  #slab: Buffer = Buffer.allocUnsafeSlow(FIRST_SLAB_BYTES);
  #from = 0;
  #to = 0;
  /** What was put before the open part of the slab. */
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;
  #closed = false;
  /** The socket has more than it likes; cleared by its `drain`. */
  congested = false;
  /** How often something was handed to the socket. */
  flushes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Writes the head of a frame. */
  frame(length: number, type: number, flags: number, streamId: number): void {
    const at = this.#reserve(FRAME_HEAD_BYTES);
    const slab = this.#slab;
    slab[at] = length >>> 16;
    slab[at + 1] = length >>> 8;
    slab[at + 2] = length;
    slab[at + 3] = type;
    slab[at + 4] = flags;
    this.#setUint32(at + 5, streamId);
  }

  uint32(value: number): void {
    this.#setUint32(this.#reserve(4), value);
  }

  uint16(value: number): void {
    const at = this.#reserve(2);
    this.#slab[at] = value >>> 8;
    this.#slab[at + 1] = value;
  }

  /** A small part is copied, a large one must not change any more. */
  append(part: Uint8Array): void {
    if (part.length <= COPY_BYTES) {
      const at = this.#reserve(part.length);
      this.#slab.set(part, at);
      return;
    }
    this.#cut();
    this.#parts.push(part);
    this.#added(part.length);
  }

  /** Hands everything to the socket. */
  flush(): void {
    this.#cut();
    const parts = this.#parts;
    const [first] = parts;
    if (first === undefined || this.#closed) return;
    this.flushes++;
    this.#parts = [];
    this.#bytes = 0;
    if (parts.length === 1) {
      this.congested = !this.#socket.write(first);
      return;
    }
    this.#socket.cork();
    for (const part of parts) this.congested = !this.#socket.write(part);
    this.#socket.uncork();
  }

  /** Lets go of a large slab; for a connection that has nothing to say for a while. */
  relax(): void {
    if (this.#slab.length > FIRST_SLAB_BYTES && this.#bytes === 0) this.#replace(FIRST_SLAB_BYTES);
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true;
    this.#parts = [];
  }

  #reserve(bytes: number): number {
    if (this.#to + bytes > this.#slab.length) {
      this.#cut();
      const next = Math.min(2 * this.#slab.length, MAX_SLAB_BYTES);
      this.#replace(Math.max(next, bytes));
    }
    const at = this.#to;
    this.#to += bytes;
    this.#added(bytes);
    return at;
  }

  #added(bytes: number): void {
    this.#bytes += bytes;
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#onImmediate);
  }

  /** Called between frames: a part of one alone may be written, its bytes just follow. */
  flushIfLarge(): void {
    if (this.#bytes >= JOIN_BYTES) this.flush();
  }

  readonly #onImmediate = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #replace(bytes: number): void {
    this.#slab = Buffer.allocUnsafeSlow(bytes);
    this.#from = 0;
    this.#to = 0;
  }

  #cut(): void {
    if (this.#to === this.#from) return;
    this.#parts.push(this.#slab.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #setUint32(at: number, value: number): void {
    const slab = this.#slab;
    slab[at] = value >>> 24;
    slab[at + 1] = value >>> 16;
    slab[at + 2] = value >>> 8;
    slab[at + 3] = value;
  }
}
