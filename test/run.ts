/**
 * `npm test [-- FILTER…]`: runs every suite whose path has one of the filters, sources as they are, no build.
 * `npm run test:package`: the suites of test/package alone, which build, install from the registry and take a minute.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { sep } from 'node:path';

/** A test that hangs is a failure with a name, not a run that never ends. */
const TEST_TIMEOUT_MS = 60_000;
const PACKAGE_TEST_TIMEOUT_MS = 300_000;

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
const { status } = spawnSync(
  process.execPath,
  [
    '--conditions=polygate-source',
    '--test',
    '--test-reporter=spec',
    `--test-timeout=${ofPackage ? PACKAGE_TEST_TIMEOUT_MS : TEST_TIMEOUT_MS}`,
    // Node's own default leaves one core idle, which on two cores is half of the machine.
    `--test-concurrency=${ofPackage ? 1 : availableParallelism() + 1}`,
    ...files,
  ],
  { stdio: 'inherit' },
);
process.exit(status ?? 1);
