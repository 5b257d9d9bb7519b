/** Whether the gateway takes calls, for those who want to hear of a change. */
export class Readiness {
  #state: 'starting' | 'ready' | 'draining' = 'starting';
  readonly #watchers = new Set<() => void>();

  get ready(): boolean {
    return this.#state === 'ready';
  }

  /** Nothing comes behind this: it never gets ready again. */
  get draining(): boolean {
    return this.#state === 'draining';
  }

  open(): void {
    if (this.#state === 'starting') this.#change('ready');
  }

  drain(): void {
    if (this.#state !== 'draining') this.#change('draining');
  }

  /** `changed` is called at every change, until the function that comes back is. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  #change(state: 'ready' | 'draining'): void {
    this.#state = state;
    for (const changed of this.#watchers) changed();
  }
}
