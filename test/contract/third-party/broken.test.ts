/** The contracts find out adapters that are wrong, and the toy that keeps them knows no more of polygate than anybody may. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const BROKEN = {
  'swallows-late-errors.ts': [
    'server_stream: an error of the service behind messages',
    'bidi: an error of the service behind messages',
  ],
  'never-finishes.ts': [
    'unary: answers arrive whole and in order',
    'server_stream: a client that leaves within the stream',
    'client_stream: the gateway cancels before the answer',
  ],
  'loses-statuses.ts': [
    'each of the codes instead of an answer',
    'a status behind messages: the stream is read first',
  ],
};
/** What a case may wait for an adapter that never comes to its end. */
const CASE_TIMEOUT_MS = 2_000;

for (const [file, cases] of Object.entries(BROKEN)) {
  test(`${file}: the contract fails, and says where`, () => {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const timeout = `--test-timeout=${CASE_TIMEOUT_MS}`;
    const path = join(import.meta.dirname, file);
    const { status, stdout } = spawnSync(
      process.execPath,
      ['--conditions=polygate-source', '--test', '--test-reporter=tap', timeout, path],
      { env, encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    assert.equal(status, 1);
    const failed = stdout
      .split('\n')
      .flatMap((line) => /^ *not ok \d+ - (.*)$/.exec(line)?.[1] ?? []);
    for (const name of cases)
      assert.ok(failed.includes(name), `${name} is not among ${failed.join(', ')}`);
    assert.match(stdout, /^ *ok \d+ - /m, 'what it does right is right');
  });
}

test('the toy imports types and the classes of src/call, and nothing else of src', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.startsWith('lines'));
  assert.ok(files.length > 5);
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    const imports = [...text.matchAll(/ from '([^']*\/src\/[^']*)'/g)].map((match) => match[1]);
    for (const path of imports) assert.match(path ?? '', /\/src\/call\/[a-z-]+\.ts$/, file);
  }
});
