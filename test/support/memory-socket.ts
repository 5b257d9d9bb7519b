/** A socket without a system behind it, for connections under test: what comes is what the test feeds, piece by piece, what goes out is kept. */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

export class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  /** Latin-1. */
  sent = '';
  readonly closedOnce: Promise<void>;

  constructor() {
    super({ allowHalfOpen: true });
    this.closedOnce = new Promise((resolve) => this.once('close', () => resolve()));
  }

  /** What asks for a Socket takes it; it has as much of one as servers use. */
  get asSocket(): Socket {
    return this as unknown as Socket;
  }

  feed(bytes: Uint8Array): void {
    if (!this.destroyed && !this.readableEnded) this.push(bytes);
  }

  /** The client closes its side. */
  feedEnd(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }

  resetAndDestroy(): this {
    return this.destroy();
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.sent += chunk.toString('latin1');
    done();
  }
}
