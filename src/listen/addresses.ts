/** How many connections each client address has. */

export class AddressCounts {
  readonly #counts = new Map<string, number>();

  /** Gives how many it has now. */
  add(address: string): number {
    const key = networkOf(address);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }

  remove(address: string): void {
    const key = networkOf(address);
    const count = (this.#counts.get(key) ?? 1) - 1;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

/** Whoever has an IPv6 address has its whole /64 (RFC 6177 section 2): the first four groups count. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice(7);
  const [before = '', after] = address.split('%', 1)[0]?.split('::') ?? [];
  const first = before === '' ? [] : before.split(':');
  if (after !== undefined) {
    const last = after === '' ? [] : after.split(':');
    while (first.length + last.length < 8) first.push('0');
    first.push(...last);
  }
  return first.slice(0, 4).join(':');
}
