import { versionOf } from '../lib/run.ts';
import { Unavailable } from '../lib/unavailable.ts';
import { autocannon, prepareAutocannon } from './autocannon.ts';
import type { Load, UnaryLoad } from './types.ts';
import { wrk } from './wrk.ts';

interface Generator {
  readonly name: string;
  readonly version: string;
  readonly load: (load: UnaryLoad) => Promise<Load>;
}

let chosen: Generator | undefined;

/** The one that all contestants get: wrk where it is installed. */
export function unaryGenerator(): Generator {
  chosen ??= choose();
  return chosen;
}

export function unaryLoad(load: UnaryLoad): Promise<Load> {
  return unaryGenerator().load(load);
}

function choose(): Generator {
  try {
    return { name: 'wrk', version: versionOf('wrk', '-v'), load: wrk };
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    return { name: 'autocannon', version: prepareAutocannon(), load: autocannon };
  }
}
