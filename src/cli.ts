#!/usr/bin/env node
/**
 * The command. Nothing is imported before the version of Node is known, and nothing here is newer than Node 12, so that an old one reads
 * this file and says what is missing instead of stumbling over our syntax.
 */
const OLDEST = [22, 19];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [oldestMajor = 0, oldestMinor = 0] = OLDEST;

if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
  const found = `this is ${process.versions.node} (${process.execPath})`;
  process.stderr.write(`polygate needs Node ${OLDEST.join('.')} or newer; ${found}\n`);
  process.exitCode = 2;
} else {
  void import('./cli/main.ts').then(({ main }) => main());
}
