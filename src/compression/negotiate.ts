/** Which coding an answer gets. Source: RFC 9110 section 12.5.3. */
import { codingOf, type CodingName, type ContentCoding } from './content-coding.ts';

/** The coding for a value of Accept-Encoding, null for none; no header is undefined. */
export type Negotiate = (header: string | undefined) => ContentCoding | null;

/** Clients send a handful of values; more than these are of somebody who plays. */
const MAX_KNOWN = 256;
const MAX_KNOWN_LENGTH = 256;
/** How many codings of a header are looked at. */
const MAX_LISTED = 32;
/** RFC 9110 section 12.4.2; a weight that is none makes its coding unacceptable. */
const ITEM = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

const MADE = new Map<string, Negotiate>();

/** `names` from the dearest to the least; they decide between codings that the client likes the same. What was answered once is remembered. */
export function negotiatorOf(names: readonly CodingName[]): Negotiate {
  // One for each order there is, whatever the number of routes.
  const key = names.join();
  const made = MADE.get(key) ?? createNegotiator(names);
  MADE.set(key, made);
  return made;
}

function createNegotiator(names: readonly CodingName[]): Negotiate {
  const known = new Map<string, ContentCoding | null>();
  return (header) => {
    if (header === undefined) return null;
    const found = known.get(header);
    if (found !== undefined) return found;
    const coding = negotiate(header, names);
    if (header.length <= MAX_KNOWN_LENGTH) {
      if (known.size === MAX_KNOWN) known.clear();
      known.set(header, coding);
    }
    return coding;
  };
}

/**
 * The heaviest that is listed or that `*` stands for. An `identity` that is listed and weighs more wins; one that is not, and a client that
 * allows nothing that is known here, get no coding: a client that refuses both is answered all the same (RFC 9110 section 12.1).
 */
function negotiate(header: string, names: readonly CodingName[]): ContentCoding | null {
  const weights = weightsOf(header);
  const rest = weights.get('*') ?? 0;
  let best: CodingName | null = null;
  let bestWeight = 0;
  for (const name of names) {
    const weight = weights.get(name) ?? rest;
    if (weight <= bestWeight) continue;
    best = name;
    bestWeight = weight;
  }
  if (best === null || (weights.get('identity') ?? 0) > bestWeight) return null;
  return codingOf(best) ?? null;
}

/** Lower-case names; of repeats the first counts. */
function weightsOf(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const item of header.split(',', MAX_LISTED)) {
    const [, token, weight = '1'] = ITEM.exec(item.trim()) ?? [];
    if (token === undefined) continue;
    const lower = token.toLowerCase();
    const name = lower === 'x-gzip' ? 'gzip' : lower;
    if (!weights.has(name)) weights.set(name, Number(weight));
  }
  return weights;
}
