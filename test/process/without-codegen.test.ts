/** A process that may not make code from text loads a schema and transcodes, and its bytes are those of compiled code. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transcodeDemo } from '../support/demo-transcoding.ts';

const FILE = fileURLToPath(new URL('../support/transcode-process.ts', import.meta.url));

test('--disallow-code-generation-from-strings: interpreted, with the same bytes', async () => {
  const flags = ['--disallow-code-generation-from-strings', '--conditions=polygate-source'];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...flags, FILE], {
    encoding: 'utf8',
  });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  const expected = { codegen: false, transcoded: await transcodeDemo('compiled') };
  assert.deepEqual(JSON.parse(stdout), expected);
});
