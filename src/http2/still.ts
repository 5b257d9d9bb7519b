/** For how long a number has been the same, as far as those know who ask from time to time. */
export class Still {
  #value = -1;
  #sinceMs = Infinity;

  /** Milliseconds since the first time in a row that it was `value`; 0 where that is -1, which stands for nothing to wait for. */
  forMs(value: number, nowMs: number): number {
    if (value !== this.#value || value === -1) {
      this.#value = value;
      this.#sinceMs = nowMs;
    }
    return nowMs - this.#sinceMs;
  }

  /** What comes next is looked at as for the first time. */
  moved(): void {
    this.#value = -1;
  }
}
