/** Cuts a path into segments in one pass and without allocating. */
import { hashStep } from './trie-node.ts';

const SLASH = 0x2f;
const PERCENT = 0x25;
const DOT = 0x2e;

/** A path in segments. One per table, used again for every path: a match never waits, so no two are in it. */
export interface SplitPath {
  path: string;
  /** How many segments there are; the root path has none. */
  count: number;
  /** Where each segment begins, then where one behind the last would begin; a segment ends one character before the next begins. */
  starts: Int32Array;
  /** The hash of each segment, 0 where it was not needed yet. */
  hashes: Int32Array;
  readonly seed: number;
}

export type PathKind =
  | 'plain'
  /** It holds an escape or a character that is not visible ASCII: path.ts must prepare it. */
  | 'needs-preparing'
  | 'has-dots';

export function createSplitPath(seed: number): SplitPath {
  return { path: '/', count: 0, starts: new Int32Array(64), hashes: new Int32Array(64), seed };
}

/** Splits `path`, which begins with a slash. What is not plain ASCII is only let through where path.ts has `prepared` the path. */
export function splitPath(into: SplitPath, path: string, prepared: boolean): PathKind {
  let { starts, hashes } = into;
  const length = path.length;
  let kind: PathKind = 'plain';
  let count = 0;
  let start = 1;
  for (let i = 1; i <= length; i++) {
    const code = i === length ? SLASH : path.charCodeAt(i);
    if (code !== SLASH) {
      if ((code > 0x7e || code <= 0x20 || code === PERCENT) && !prepared) return 'needs-preparing';
      continue;
    }
    if (i - start <= 2 && isDots(path, start, i)) kind = 'has-dots';
    if (count + 1 === starts.length) {
      grow(into);
      ({ starts, hashes } = into);
    }
    starts[count] = start;
    hashes[count] = 0;
    count++;
    start = i + 1;
  }
  starts[count] = start;
  into.path = path;
  // The root path has no segment at all, every other one has at least one.
  into.count = length > 1 ? count : 0;
  return kind;
}

/** Where segment `index` ends. */
export function endOf(split: SplitPath, index: number): number {
  return (split.starts[index + 1] as number) - 1;
}

/** The hash of a part of the path, as edges of the trie have it. */
export function hashOfPart(split: SplitPath, from: number, to: number): number {
  const { path } = split;
  let hash = split.seed;
  for (let i = from; i < to; i++) hash = hashStep(hash, path.charCodeAt(i));
  return hash;
}

/** The hash of segment `index`, worked out at most once per path. */
export function hashOfSegment(split: SplitPath, index: number): number {
  const known = split.hashes[index] as number;
  if (known !== 0) return known;
  const from = split.starts[index] as number;
  const hash = hashOfPart(split, from, endOf(split, index));
  split.hashes[index] = hash;
  return hash;
}

/** Grows to the longest path seen, which the limit on the size of a request's head bounds. */
function grow(split: SplitPath): void {
  const starts = new Int32Array(split.starts.length * 2);
  const hashes = new Int32Array(split.starts.length * 2);
  starts.set(split.starts);
  hashes.set(split.hashes);
  split.starts = starts;
  split.hashes = hashes;
}

function isDots(path: string, start: number, end: number): boolean {
  if (start === end || path.charCodeAt(start) !== DOT) return false;
  return end - start === 1 || path.charCodeAt(start + 1) === DOT;
}
