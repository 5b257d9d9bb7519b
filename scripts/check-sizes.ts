/** Part of `npm run check`: no file of src over 400 lines, half of them under 120. */
import { globSync, readFileSync } from 'node:fs';

const MAX_LINES = 400;
const MEDIAN_BELOW = 120;

const sizes = globSync('src/**/*.ts')
  .map((file) => ({ file, lines: readFileSync(file, 'utf8').split('\n').length - 1 }))
  .toSorted((a, b) => a.lines - b.lines);
const median = sizes[Math.floor(sizes.length / 2)]?.lines ?? 0;
const largest = sizes.at(-1);
const problems = sizes
  .filter(({ lines }) => lines > MAX_LINES)
  .map(({ file, lines }) => `${file} has ${lines} lines; ${MAX_LINES} is the limit`);
if (sizes.length === 0)
  problems.push('no file of src was found: run it in the root of the checkout');
if (median >= MEDIAN_BELOW) {
  problems.push(`half of src has ${median} lines or more; the median stays below ${MEDIAN_BELOW}`);
}

for (const problem of problems) console.error(problem);
console.log(
  `sizes: ${sizes.length} files, median ${median} lines, largest ${largest?.lines} (${largest?.file})`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
