/**
 * The parts that the shape of a configuration is checked with. A check reports every mistake that it sees and goes on, so that all come out at once.
 *
 * Our own and not valibot's (tried with 1.5): its strictObject stops at the first unknown key, a missing key is reported with what the
 * object should be instead of what the key should hold, and a union has one message for all of its forms. What is needed is this page.
 */
import { nearest } from '../lib/nearest.ts';
import { below, describe, type Problem } from './problem.ts';

export type Report = (problem: Problem) => void;
/** Reports what is wrong with `value`, which stands at `path`. A required value that is missing is checked as undefined. */
export type Check = (value: unknown, path: string, report: Report) => void;
/** One check for each key of `T`: the compiler keeps the public types and the checks in step. */
export type Fields<T> = { readonly [Key in keyof Required<T>]: Check };

/** Whether `value` is an object with keys: no list, no null, no instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A value that passes `test`. */
export function satisfying(expected: string, test: (value: unknown) => boolean): Check {
  return (value, path, report) => {
    if (!test(value)) report({ path, expected, found: describe(value) });
  };
}

/** A text that passes `test`. */
export function text(expected: string, test: (value: string) => boolean): Check {
  return satisfying(expected, (value) => typeof value === 'string' && test(value));
}

/** May be left out, or undefined. */
export function optional(check: Check): Check {
  return (value, path, report) => {
    if (value !== undefined) check(value, path, report);
  };
}

/** What `check` takes, or false where the thing is not wanted. */
export function orFalse(check: Check): Check {
  return (value, path, report) => {
    if (value === false) return;
    check(value, path, (problem) => {
      const own = problem.path === path;
      report(own ? { ...problem, expected: `${problem.expected}, or false` } : problem);
    });
  };
}

/** One of `values`; `later` are those that will exist and don't yet. */
export function choice(values: readonly string[], later: readonly string[] = []): Check {
  const known = values.map((value) => JSON.stringify(value)).join(', ');
  return (value, path, report) => {
    if (typeof value === 'string' && values.includes(value)) return;
    const planned = typeof value === 'string' && later.includes(value);
    const expected = planned ? `${known} (${JSON.stringify(value)} does not exist yet)` : known;
    report({ path, expected, found: describe(value) });
  };
}

/** A list with at least one item, none of them twice. */
export function list(items: string, item: Check): Check {
  return (value, path, report) => {
    if (!Array.isArray(value) || value.length === 0) {
      report({ path, expected: `a list with at least one ${items}`, found: describe(value) });
      return;
    }
    const entries: readonly unknown[] = value;
    entries.forEach((entry, index) => {
      item(entry, below(path, index), report);
      const first = entries.indexOf(entry);
      if (first === index) return;
      const expected = `no ${items} that is in the list already, at ${below(path, first)}`;
      report({ path: below(path, index), expected, found: describe(entry) });
    });
  };
}

/** An object with at least one key, whose keys are names that the user chooses. */
export function named(
  entries: string,
  name: string,
  isName: (key: string) => boolean,
): (entry: Check) => Check {
  return (entry) => (value, path, report) => {
    if (!isRecord(value) || Object.keys(value).length === 0) {
      report({
        path,
        expected: `an object with at least one ${entries} by name`,
        found: isRecord(value) ? 'an empty object' : describe(value),
      });
      return;
    }
    for (const [key, held] of Object.entries(value)) {
      if (!isName(key)) report({ path: below(path, key), expected: name, found: describe(key) });
      entry(held, below(path, key), report);
    }
  };
}

/**
 * An object with the keys of `fields`. `what` names it in messages, as `an upstream`. `refused` says of keys that people may try why they
 * don't exist here: a key is never ignored. `or` is what the value may be instead, for the message alone.
 */
export function keys<T>(
  what: string,
  fields: Fields<T>,
  refused: Readonly<Record<string, string>> = {},
  or = '',
): Check {
  const known: ReadonlyMap<string, Check> = new Map(Object.entries<Check>(fields));
  return (value, path, report) => {
    if (!isRecord(value)) {
      report({ path, expected: `an object${or}`, found: describe(value) });
      return;
    }
    for (const [key, check] of known) {
      check(Object.hasOwn(value, key) ? value[key] : undefined, below(path, key), report);
    }
    for (const key of Object.keys(value)) {
      if (known.has(key)) continue;
      report(stranger(below(path, key), key, value[key]));
    }
  };

  function stranger(path: string, key: string, value: unknown): Problem {
    const reason = Object.hasOwn(refused, key) ? refused[key] : undefined;
    if (reason !== undefined) {
      return { path, expected: `nothing here, ${reason}`, found: describe(value) };
    }
    const near = nearest(key, known.keys());
    const hint = near === undefined ? [...known.keys()].join(', ') : `did you mean "${near}"?`;
    return { path, expected: `a key of ${what} (${hint})`, found: describe(key) };
  }
}
