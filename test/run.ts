/**
 * `npm test [-- FILTER…]`: runs every suite whose path has one of the filters, sources as they are, no build.
 * `npm run test:package`: the suites of test/package alone, which build, install from the registry and take a minute.
 *
 * The unit tests share one process, since starting one for each of a hundred files costs more than the tests do; everything that opens
 * sockets or starts processes has one of its own for each file. Both run at the same time, and their results are printed one after the other.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';

/** A test that hangs is a failure with a name, not a run that never ends. */
const TEST_TIMEOUT_MS = 60_000;
const PACKAGE_TEST_TIMEOUT_MS = 300_000;
/** What only the first import of a process does can only be tested in one. */
const OWN_PROCESS = [`test${sep}unit${sep}config${sep}native.test.ts`];

interface Outcome {
  readonly output: Buffer;
  readonly status: number;
}

const words = process.argv.slice(2);
const ofPackage = words.includes('--package');
const filters = words.filter((word) => word !== '--package');
const files = globSync('test/**/*.test.ts')
  .filter((file) => file.startsWith(`test${sep}package${sep}`) === ofPackage)
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted();
if (files.length === 0) {
  console.error(`no test file matches ${filters.join(', ')}`);
  process.exit(2);
}
const isShared = (file: string): boolean =>
  file.startsWith(`test${sep}unit${sep}`) && !OWN_PROCESS.includes(file);
// Node's own default leaves one core idle, which on two cores is half of the machine.
const concurrency = ofPackage ? 1 : availableParallelism();
const groups = [
  { files: files.filter(isShared), options: ['--test-isolation=none'] },
  {
    files: files.filter((file) => !isShared(file)),
    options: [`--test-concurrency=${concurrency}`],
  },
].filter((group) => group.files.length > 0);

const outcomes = await Promise.all(groups.map((group) => run([...group.options, ...group.files])));
let status = 0;
const totals = { pass: 0, fail: 0 };
for (const outcome of outcomes) {
  process.stdout.write(outcome.output);
  status ||= outcome.status;
  const text = outcome.output.toString();
  totals.pass += countOf(text, 'pass');
  totals.fail += countOf(text, 'fail');
}
console.log(`${totals.pass} passed, ${totals.fail} failed`);
process.exitCode = status;

function run(words: readonly string[]): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=polygate-source',
      '--test',
      '--test-reporter=spec',
      `--test-timeout=${ofPackage ? PACKAGE_TEST_TIMEOUT_MS : TEST_TIMEOUT_MS}`,
      ...words,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ output: Buffer.concat(chunks), status: code ?? 1 }));
  });
}

/** From the closing lines of node's runner: `ℹ pass 12`. */
function countOf(text: string, name: string): number {
  return Number(new RegExp(`^\\S+ ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
