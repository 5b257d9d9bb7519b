import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findConfig, loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';

/** A folder of its own outside of the checkout, where no node_modules has a `polygate`. */
const folder = mkdtempSync(join(tmpdir(), 'polygate-config-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The message for `text` as a file, with the folder's name taken out. */
async function failure(name: string, text: string): Promise<string> {
  const file = write(name, text);
  try {
    await loadConfig(file, folder);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.replaceAll(`${folder}/`, '');
  }
  return assert.fail('the file was loaded');
}

for (const extension of ['ts', 'mts', 'mjs', 'js']) {
  test(`a .${extension} file gets defineConfig from 'polygate', which no folder has`, async () => {
    const file = write(
      `good.${extension}`,
      `import { defineConfig } from 'polygate';\nexport default defineConfig({ drain: '1s' });\n`,
    );
    assert.deepEqual(await loadConfig(file, '/'), { config: { drain: '1s' }, file });
  });
}

test('types, enums, imports without extension and a top-level await run; what is imported gets polygate too', async () => {
  write(
    'shared.ts',
    `import { defineConfig } from 'polygate';\nexport const kind: string = typeof defineConfig;\n`,
  );
  const file = write(
    'rich.ts',
    `import type { GatewayConfig } from 'polygate';
import { kind } from './shared';
enum Port { Http = 8080 }
const drain = await Promise.resolve('1s' as const);
export default { listen: { port: Port.Http }, drain, kind } as unknown as GatewayConfig;
`,
  );
  const { config } = await loadConfig('rich.ts', folder);
  assert.deepEqual(config, { listen: { port: 8080 }, drain: '1s', kind: 'function' });
  assert.equal((await loadConfig(file, '/')).file, file);
});

test('every load runs the file and what it imports anew', async () => {
  write('part.ts', 'export const port = 1;\n');
  const file = write('again.ts', `import { port } from './part.ts';\nexport default { port };\n`);
  assert.deepEqual((await loadConfig(file, '/')).config, { port: 1 });
  write('part.ts', 'export const port = 2;\n');
  assert.deepEqual((await loadConfig(file, '/')).config, { port: 2 });
});

test('a file in CommonJS', async () => {
  const file = write('common.cjs', `module.exports = { drain: '1s' };\n`);
  assert.deepEqual((await loadConfig(file, '/')).config, { drain: '1s' });
});

test('the configuration file of a folder is found by its name, TypeScript first', () => {
  assert.throws(() => findConfig(folder), {
    message: `${folder}: 1 problem\n  expected gateway.config.ts, gateway.config.mts, gateway.config.js, gateway.config.mjs or a file named by --config, found none of them`,
  });
  const js = write('gateway.config.mjs', 'export default {};\n');
  assert.equal(findConfig(folder), js);
  const ts = write('gateway.config.ts', 'export default {};\n');
  assert.equal(findConfig(folder), ts);
});

test('a file that is not there', async () => {
  await assert.rejects(loadConfig('nowhere.ts', folder), {
    name: 'ConfigError',
    message: `${join(folder, 'nowhere.ts')}: 1 problem\n  expected a file, found none of that name`,
  });
});

test('a file that does not parse says where', async () => {
  assert.equal(
    await failure('syntax.ts', 'export default {\n  a: 1,\n  b: = 2,\n};\n'),
    'syntax.ts: 1 problem\n  expected a file that parses, found Unexpected token at syntax.ts:3:5',
  );
});

test('an imported file that does not parse is named', async () => {
  write('broken.ts', 'export const a = ;\n');
  assert.equal(
    await failure('imports-broken.ts', `import { a } from './broken.ts';\nexport default { a };\n`),
    'imports-broken.ts: 1 problem\n  expected a file that parses, found Unexpected token at broken.ts:1:17',
  );
});

test('a file that throws says what and where', async () => {
  const message = await failure(
    'throws.ts',
    `interface A {\n  a: string;\n}\nfunction make(): A {\n  throw new TypeError('no (luck) today');\n}\nexport default make();\n`,
  );
  assert.match(
    message,
    /^throws\.ts: 1 problem\n {2}expected a file that runs, found TypeError: no \(luck\) today at throws\.ts:5$/,
  );
});

test('a file that throws what is no error', async () => {
  assert.equal(
    await failure('throws-text.ts', `throw 'text';\n`),
    'throws-text.ts: 1 problem\n  expected a file that runs, found it throws "text"',
  );
});

test('an import that is not there', async () => {
  assert.equal(
    await failure('lost.ts', `import { a } from './not-there.ts';\nexport default { a };\n`),
    "lost.ts: 1 problem\n  expected a file that runs, found Error: Cannot find module './not-there.ts' at lost.ts:1",
  );
});

const NO_OBJECT: readonly [string, string, string][] = [
  ['empty', '', 'no-export'],
  ['named-only', 'export const config = {};\n', 'named'],
  ['promise', 'export default Promise.resolve({});\n', 'a promise'],
  ['function', 'export default () => ({});\n', 'a function'],
  ['text', `export default 'x';\n`, '"x"'],
  ['list', 'export default [{}];\n', 'a list of 1'],
  ['null', 'export default null;\n', 'null'],
];
const NO_DEFAULT = 'a default export, as "export default defineConfig({ … })"';
for (const [name, text, found] of NO_OBJECT) {
  test(`a default export that is no object: ${name}`, async () => {
    const line =
      found === 'no-export'
        ? `expected ${NO_DEFAULT}, found no export`
        : found === 'named'
          ? `expected ${NO_DEFAULT}, found only the exports config`
          : `expected an object as default export, found ${found}`;
    assert.equal(await failure(`${name}.ts`, text), `${name}.ts: 1 problem\n  ${line}`);
  });
}
