/** The calls that have begun and not finished, so that a drain can end them. */
import { LinkedList } from '../lib/linked-list.ts';
import type { Call } from './call.ts';

export class LiveCalls extends LinkedList<Call> {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when none is left. */
  empty(): Promise<void> {
    if (this.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Called by the call itself. */
  override delete(call: Call): void {
    super.delete(call);
    if (this.size === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
