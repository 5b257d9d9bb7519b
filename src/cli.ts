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
  cacheCompiledCode();
  void import('./cli/main.ts').then(({ main }) => main());
}

/**
 * Later starts find what this one compiles, which saves a fifth of them; where the folder can't be written, nothing is lost.
 * In the user's own folder: Node's default is one in /tmp for all users, and whoever can write there could plant code.
 */
function cacheCompiledCode() {
  const { XDG_CACHE_HOME, LOCALAPPDATA, HOME } = process.env;
  const caches = XDG_CACHE_HOME || LOCALAPPDATA || (HOME && `${HOME}/.cache`);
  if (!caches) return;
  process.getBuiltinModule('node:module').enableCompileCache(`${caches}/polygate/compiled`);
}
