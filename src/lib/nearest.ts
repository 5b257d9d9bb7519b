/** Finds the name that somebody who misspelt one probably meant. */

/** Comparing costs the product of both lengths, and a client chooses one of them; nobody misspells a longer name. */
const MAX_LENGTH = 128;

/** The candidate with the fewest edits to `name`, or undefined where none is near enough to be worth a hint. The first of equals wins. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name === '' || name.length > MAX_LENGTH) return undefined;
  const wanted = name.toLowerCase();
  // Beyond a third of the letters a hint misleads more often than it helps; names of one or two letters get one edit.
  const bound = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let fewest = bound + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= fewest) continue;
    const edits = editDistance(wanted, candidate.toLowerCase());
    if (edits >= fewest) continue;
    best = candidate;
    fewest = edits;
  }
  return best;
}

/** Insertions, deletions and substitutions (Levenshtein), and swaps of neighbours as one edit each. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          at(previous, column) + 1,
          at(current, column - 1) + 1,
          at(previous, column - 1) + (same ? 0 : 1),
          row > 1 && column > 1 && swapped ? at(beforePrevious, column - 2) + 1 : Infinity,
        ),
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
