/** Reads what the runner prints, and holds the cases that it lets fail to the one complaint that each may have. */
import type { KnownFailing } from './known-failing.ts';

export interface Results {
  /** One line, with the runner's own numbers. */
  readonly summary: string;
  /** How many cases of each group have failed. */
  readonly failing: ReadonlyMap<KnownFailing, number>;
  /** Cases that failed as no group says. */
  readonly surprises: readonly string[];
}

const BLOCK = /^INFO: (?<name>.*) failed \(as expected\):\n(?<complaints>(?:\t.*\n)*)/gm;
const SUMMARY = /^Total cases: \d+\n\d+ passed, \d+ failed\n(?:\(?Another .*\n)*/m;

export function readResults(printed: string, known: readonly KnownFailing[]): Results {
  const failing = new Map<KnownFailing, number>();
  const surprises: string[] = [];
  for (const { groups } of printed.matchAll(BLOCK)) {
    const { name = '', complaints = '' } = groups ?? {};
    const lines = complaints.split('\n').map((line) => line.trim());
    const found = lines.filter((line) => line !== '');
    const group = known.find(
      ({ complaint, patterns }) =>
        found.every((line) => complaint.test(line)) &&
        patterns.some((pattern) => matches(pattern, name)),
    );
    if (group === undefined) surprises.push(`${name}:\n${complaints}`);
    else failing.set(group, (failing.get(group) ?? 0) + 1);
  }
  const summary = SUMMARY.exec(printed)?.[0].trim().replaceAll('\n', ', ');
  return { summary: summary ?? 'no summary', failing, surprises };
}

/** As the runner does: `*` is one part of a name, `**` any number of them. No pattern of ours has a character that is a regular expression's. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('/').map((part) => {
    if (part === '**') return '(?:[^/]+/)*';
    return part === '*' ? '[^/]+/' : `${part}/`;
  });
  return new RegExp(`^${parts.join('')}$`).test(`${name}/`);
}
