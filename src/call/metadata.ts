/**
 * Metadata of a call: the headers and trailers that no protocol owns. Names are case-insensitive and kept in lower case,
 * values are multi-valued and ordered; names that end in `-bin` hold bytes (gRPC over HTTP/2, "Custom-Metadata").
 */

export type MetadataValue = string | Uint8Array;

/** What gRPC allows as a key: `1*( %x30-39 / %x61-7A / "_" / "-" / "." )`. */
const LEGAL_NAME = /^[0-9a-z_.-]+$/;
/** What gRPC allows as an ASCII value, spaces at the ends aside. */
const LEGAL_VALUE = /^[\x20-\x7e]*$/;

/** Whether `name`, in lower case, may be sent as gRPC metadata. */
export function isLegalName(name: string): boolean {
  return LEGAL_NAME.test(name);
}

/** Whether `value` may be sent as an ASCII metadata value. */
export function isLegalValue(value: string): boolean {
  return LEGAL_VALUE.test(value);
}

export function isBinaryName(name: string): boolean {
  return name.endsWith('-bin');
}

/** The pairs, and what somebody has made of just these; shared by all that are alike. */
interface Core {
  /** Name, value, name, value: a flat list is the cheapest thing that keeps order and repeats. */
  readonly entries: MetadataValue[];
  derivedBy: object | null;
  derived: unknown;
}

export class Metadata {
  #core: Core = { entries: [], derivedBy: null, derived: null };
  /** Another one has the same core: it is copied before it changes. */
  #shared = false;

  get size(): number {
    return this.#core.entries.length / 2;
  }

  /** The same pairs at the cost of one small object; a change to either is not seen by the other. */
  fork(): Metadata {
    const fork = new Metadata();
    fork.#core = this.#core;
    fork.#shared = true;
    this.#shared = true;
    return fork;
  }

  /**
   * What `make` has made of these pairs the first time that it was asked, for all forks until they change; one maker at a time. For what
   * is worth keeping of headers that repeat themselves: their encoded form.
   */
  derive<Value>(make: (metadata: Metadata) => Value): Value {
    const core = this.#core;
    if (core.derivedBy !== make) {
      core.derived = make(this);
      core.derivedBy = make;
    }
    return core.derived as Value;
  }

  /** Adds a value behind those that are there. `name` in any case. */
  append(name: string, value: MetadataValue): this {
    this.#own().push(name.toLowerCase(), value);
    return this;
  }

  /** Replaces all values of `name`. */
  set(name: string, value: MetadataValue): this {
    this.delete(name);
    return this.append(name, value);
  }

  delete(name: string): void {
    const key = name.toLowerCase();
    const entries = this.#own();
    for (let i = entries.length - 2; i >= 0; i -= 2) if (entries[i] === key) entries.splice(i, 2);
  }

  /** The first value, or undefined. */
  get(name: string): MetadataValue | undefined {
    const key = name.toLowerCase();
    const { entries } = this.#core;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === key) return entries[i + 1];
    return undefined;
  }

  /** The first value if it is text. */
  text(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  getAll(name: string): MetadataValue[] {
    const key = name.toLowerCase();
    const found: MetadataValue[] = [];
    this.each((entry, value) => {
      if (entry === key) found.push(value);
    });
    return found;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** Gives every pair the name that `rename` returns for its own, and drops those it returns undefined for. */
  replace(rename: (name: string) => string | undefined): void {
    const entries = this.#own().splice(0);
    for (let i = 0; i < entries.length; i += 2) {
      const name = rename(entries[i] as string);
      if (name !== undefined) this.append(name, entries[i + 1] as MetadataValue);
    }
  }

  /** Visits every pair in order, repeats included. */
  each(visit: (name: string, value: MetadataValue) => void): void {
    const { entries } = this.#core;
    for (let i = 0; i < entries.length; i += 2) {
      visit(entries[i] as string, entries[i + 1] as MetadataValue);
    }
  }

  /** The entries for a change of this one alone. */
  #own(): MetadataValue[] {
    const core = this.#core;
    if (this.#shared) {
      this.#core = { entries: [...core.entries], derivedBy: null, derived: null };
      this.#shared = false;
    } else {
      core.derivedBy = null;
      core.derived = null;
    }
    return this.#core.entries;
  }
}
