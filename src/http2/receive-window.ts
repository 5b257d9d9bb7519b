/** The window that we give the peer on the connection (RFC 9113 section 5.2). */
import { ConnectionFault, ErrorCode } from './errors.ts';
import { DEFAULT_WINDOW } from './frames.ts';
import type { Grants } from './limits.ts';

export class ReceiveWindow {
  readonly #grants: Grants;
  readonly #widen: (increment: number) => void;
  #window = DEFAULT_WINDOW;
  /** What has come and nobody has read yet. */
  #unread = 0;

  /** `widen` sends a WINDOW_UPDATE. */
  constructor(grants: Grants, widen: (increment: number) => void) {
    this.#grants = grants;
    this.#widen = widen;
  }

  /** From the default of RFC 9113 to what we grant. */
  open(): void {
    this.#refill(0);
  }

  /** DATA of so many bytes has come. */
  take(bytes: number): void {
    this.#window -= bytes;
    if (this.#window < 0) {
      const detail = 'more than the window of the connection';
      throw new ConnectionFault(ErrorCode.flowControlError, detail);
    }
    this.#refill(this.#grants.connectionWindow / 2);
  }

  /** Part of what was taken waits for somebody to read it; {@link release} follows. */
  hold(bytes: number): void {
    if (this.#grants.countsUnread) this.#unread += bytes;
  }

  release(bytes: number): void {
    if (!this.#grants.countsUnread || bytes === 0) return;
    this.#unread -= bytes;
    this.#refill(this.#grants.connectionWindow / 2);
  }

  #refill(least: number): void {
    const increment = this.#grants.connectionWindow - this.#unread - this.#window;
    if (increment < least || increment <= 0) return;
    this.#window += increment;
    this.#widen(increment);
  }
}
