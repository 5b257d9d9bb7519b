/** Numbers and names that are reserved, or free for extensions. */
import type { Tokens } from './tokens.ts';

/** `1, 4 to 6, 9 to max`, ends included; behind the word in front of it. */
export function parseRanges(tokens: Tokens, max: number): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  do {
    const start = tokens.integer();
    let end = start;
    if (tokens.takes('to')) end = tokens.takes('max') ? max : tokens.integer();
    ranges.push({ start, end });
  } while (tokens.takes(','));
  return ranges;
}

/** Strings, or names in editions. */
export function parseReservedNames(tokens: Tokens, into: string[]): void {
  do into.push(tokens.peek.kind === 'name' ? tokens.name() : tokens.string());
  while (tokens.takes(','));
}
