/**
 * What goes out on one connection. A whole answer is one write; parts of a streamed one are joined to one HTTP chunk per iteration of the
 * event loop, since a chunk and a write for each message of 75 bytes would cost more than the messages.
 */
import type { Socket } from 'node:net';

/** Shared by all connections, written front to back and never again: what is on its way to a socket stays as it is. */
const SLAB_BYTES = 65_536;
/** More has memory of its own. */
const SMALL_BYTES = 16_384;
/** Joined parts are written at once beyond this, and larger bodies in pieces of it, so that one sees whether a reader goes on. */
const PIECE_BYTES = 65_536;
const LAST_CHUNK = '0\r\n';

let slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
let slabAt = 0;
/** Connections with something to flush at the end of this iteration. */
let dirty: Output[] = [];

export class Output {
  /** The socket has more than it likes; {@link onDrain} comes when it has not. */
  congested = false;
  onDrain: (() => void) | null = null;
  readonly #socket: Socket;
  #chunked = false;
  /** What goes before the parts, as Latin-1: a head. */
  #text = '';
  #parts: Uint8Array[] = [];
  #bytes = 0;
  #scheduled = false;
  #closed = false;
  /** The rest of a large body. */
  #large: Uint8Array | null = null;
  #largeAt = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', this.#onDrain);
  }

  /** Whether something is still on its way that the socket has not taken. */
  get busy(): boolean {
    return this.congested || this.#large !== null;
  }

  /** Grows or shrinks as long as the other side reads. */
  get waiting(): number {
    return this.#socket.writableLength + (this.#large?.length ?? 0) - this.#largeAt;
  }

  /** A head and its whole body. */
  whole(head: string, body: Uint8Array): void {
    if (this.#closed) return;
    const total = head.length + body.length;
    if (total <= SMALL_BYTES) {
      const at = reserve(total);
      slab.write(head, at, 'latin1');
      slab.set(body, at + head.length);
      this.#write(slab.subarray(at, at + total));
      return;
    }
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    if (body.length <= PIECE_BYTES) {
      this.congested = !this.#socket.write(body);
      this.#socket.uncork();
      return;
    }
    this.#socket.uncork();
    this.#large = body;
    this.#largeAt = 0;
    this.#pumpLarge();
  }

  /** Text by itself. */
  text(text: string): void {
    if (!this.#closed) this.congested = !this.#socket.write(text, 'latin1');
  }

  /** Begins a streamed answer; the head goes out with what is written in the same iteration. */
  begin(head: string, chunked: boolean): void {
    this.#text = head;
    this.#chunked = chunked;
    this.#schedule();
  }

  /** A part of the body, which must not change any more. */
  append(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#bytes += part.length;
    if (this.#bytes >= PIECE_BYTES) this.#flush('');
    else this.#schedule();
  }

  /** Ends a streamed answer; `trailers` are lines. */
  end(trailers: string): void {
    this.#flush(this.#chunked ? `${LAST_CHUNK}${trailers}\r\n` : '');
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = true;
    this.#text = '';
    this.#parts = [];
    this.#bytes = 0;
    this.#large = null;
    this.#largeAt = 0;
    this.congested = false;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (dirty.push(this) === 1) setImmediate(flushDirty);
  }

  flush(): void {
    this.#scheduled = false;
    this.#flush('');
  }

  /** Writes the head, the parts as one chunk, and `end`, as one buffer where they are small. */
  #flush(end: string): void {
    const parts = this.#parts;
    const bytes = this.#bytes;
    let before = this.#text;
    let after = end;
    if (this.#closed || (bytes === 0 && before === '' && after === '')) return;
    this.#text = '';
    this.#bytes = 0;
    if (this.#chunked && bytes > 0) {
      before += `${bytes.toString(16)}\r\n`;
      after = `\r\n${end}`;
    }
    const total = before.length + bytes + after.length;
    if (total > SMALL_BYTES) {
      this.#parts = [];
      this.#writeParts(before, parts, after);
      return;
    }
    let at = reserve(total);
    const from = at;
    at += slab.write(before, at, 'latin1');
    for (const part of parts) {
      slab.set(part, at);
      at += part.length;
    }
    slab.write(after, at, 'latin1');
    parts.length = 0;
    this.#write(slab.subarray(from, from + total));
  }

  #writeParts(before: string, parts: readonly Uint8Array[], after: string): void {
    const socket = this.#socket;
    socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    let goesOn = true;
    for (const part of parts) goesOn = socket.write(part);
    if (after !== '') goesOn = socket.write(after, 'latin1');
    socket.uncork();
    this.congested = !goesOn;
  }

  #write(bytes: Uint8Array): void {
    if (!this.#closed) this.congested = !this.#socket.write(bytes);
  }

  #pumpLarge(): void {
    while (this.#large !== null && !this.congested) {
      const body: Uint8Array = this.#large;
      const from = this.#largeAt;
      this.#largeAt = from + PIECE_BYTES;
      if (this.#largeAt >= body.length) {
        this.#large = null;
        this.#largeAt = 0;
      }
      this.#write(body.subarray(from, from + PIECE_BYTES));
    }
  }

  readonly #onDrain = (): void => {
    this.congested = false;
    this.#pumpLarge();
    if (!this.busy) this.onDrain?.();
  };
}

function flushDirty(): void {
  const outputs = dirty;
  dirty = [];
  for (const output of outputs) output.flush();
}

/** Room for so many bytes in the slab. */
function reserve(bytes: number): number {
  if (slabAt + bytes > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    slabAt = 0;
  }
  const at = slabAt;
  slabAt += bytes;
  return at;
}
