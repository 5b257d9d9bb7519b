/** The calls that have begun and not finished, so that a drain can end them. Linked through fields of the calls: nothing is allocated. */
import type { Call } from './call.ts';

export class LiveCalls {
  #first: Call | null = null;
  #size = 0;
  readonly #waiting: (() => void)[] = [];

  get size(): number {
    return this.#size;
  }

  /** A call is in one list at most, and leaves it when it finishes. */
  add(call: Call): void {
    call.live = this;
    call.livePrevious = null;
    call.liveNext = this.#first;
    if (this.#first !== null) this.#first.livePrevious = call;
    this.#first = call;
    this.#size++;
  }

  /** Resolves when none is left. */
  empty(): Promise<void> {
    if (this.#size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Called by the call itself. */
  delete(call: Call): void {
    if (call.live !== this) return;
    const { livePrevious, liveNext } = call;
    if (liveNext !== null) liveNext.livePrevious = livePrevious;
    if (livePrevious === null) this.#first = liveNext;
    else livePrevious.liveNext = liveNext;
    call.live = null;
    call.liveNext = null;
    call.livePrevious = null;
    this.#size--;
    if (this.#size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** A copy, since whoever walks over it may end calls. */
  all(): Call[] {
    const calls: Call[] = [];
    for (let call = this.#first; call !== null; call = call.liveNext) calls.push(call);
    return calls;
  }
}
