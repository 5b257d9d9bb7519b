import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import { runNatively } from '../../../src/config/native.ts';

const folder = mkdtempSync(join(tmpdir(), 'polygate-native-'));
after(() => rmSync(folder, { recursive: true }));

test('the first load is done by Node, without a word about a missing "type"; the next one runs everything anew', async () => {
  const warnings: Error[] = [];
  process.on('warning', (warning) => warnings.push(warning));
  const part = join(folder, 'part.ts');
  const file = join(folder, 'gateway.config.ts');
  writeFileSync(part, `export const drain: string = '1s';\n`);
  writeFileSync(
    file,
    `import { defineConfig } from 'polygate';
import { drain } from './part.ts';
export default defineConfig({ drain, byNode: typeof require === 'undefined' } as never);
`,
  );
  assert.deepEqual(await loadConfig(file, '/'), { config: { drain: '1s', byNode: true }, file });
  writeFileSync(part, `export const drain = '2s';\n`);
  assert.partialDeepStrictEqual(await loadConfig(file, '/'), { config: { drain: '2s' } });
  assert.equal(await runNatively(file), undefined);
  // Warnings are told in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(warnings, []);
});
