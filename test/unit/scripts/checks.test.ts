/** The scripts of `npm run check:rules` find what they are for: each runs in a folder where its violation is planted. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

interface Checked {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function plant(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'polygate-checks-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function check(name: string, cwd: string, ...words: string[]): Checked {
  const script = fileURLToPath(new URL(`../../../scripts/${name}.ts`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words], {
    cwd,
    // Not the home and the registry of whoever runs the tests.
    env: { PATH: process.env['PATH'], HOME: '/' },
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

const lines = (count: number): string => '//\n'.repeat(count);

test('check-sizes: a file of 400 lines passes, one line more does not', (t) => {
  const good = plant(t, { 'src/a.ts': lines(5), 'src/b.ts': lines(119), 'src/c/d.ts': lines(400) });
  assert.equal(check('check-sizes', good).code, 0);
  const large = plant(t, { 'src/a.ts': lines(5), 'src/b.ts': lines(5), 'src/c.ts': lines(401) });
  const { code, stderr } = check('check-sizes', large);
  assert.equal(code, 1);
  assert.equal(stderr, 'src/c.ts has 401 lines; 400 is the limit\n');
});

test('check-sizes: half of the files are below 120 lines', (t) => {
  const folder = plant(t, { 'src/a.ts': lines(5), 'src/b.ts': lines(120), 'src/c.ts': lines(121) });
  const { code, stderr } = check('check-sizes', folder);
  assert.equal(code, 1);
  assert.match(stderr, /^half of src has 120 lines or more/);
});

test('check-sizes: a folder without sources is no success', (t) => {
  assert.equal(check('check-sizes', plant(t, {})).code, 1);
});

test('check-hygiene: paths and hosts of one machine and keys are found, others pass', (t) => {
  const host = ['registry', 'npmjs', 'org'].join('.');
  const dashes = '-'.repeat(5);
  const folder = plant(t, {
    'good.md': `/v1/users/x, https://example.com/home/index, ./root/x, #!/usr/bin/env node, ${dashes}BEGIN PRIVATE KEY${dashes}`,
    'home.ts': `const x = '${['', 'home', 'ada', 'x'].join('/')}';`,
    'host.json': `{ "resolved": "https://${host}/x" }`,
    'key.pem': `${dashes}BEGIN EC PRIVATE KEY${dashes}\n${'MHcC'.repeat(12)}\n`,
    'ignored.txt': `https://${host}/x`,
    '.gitignore': 'ignored.txt\n',
  });
  writeFileSync(join(folder, 'here.txt'), `\n${folder}/x`);
  execFileSync('git', ['init', '-q'], { cwd: folder });
  const { code, stderr } = check('check-hygiene', folder);
  assert.equal(code, 1);
  const found = stderr.trim().split('\n');
  assert.deepEqual(
    found.map((line) => line.split(': ').slice(0, 2).join(': ')),
    [
      'here.txt:2: the path of the checkout',
      'home.ts:1: an absolute path of one machine',
      'host.json:1: the host of a package registry',
      'key.pem:1: a private key',
    ],
  );
});

test('check-lock: a package of another platform that is missing is found, and added', (t) => {
  const lock = {
    packages: {
      '': { name: 'x' },
      'node_modules/tool': {
        version: '1.2.3',
        dev: true,
        optionalDependencies: {
          '@tool/binding-linux-x64-gnu': '1.2.3',
          '@tool/binding-linux-arm-musleabihf': '1.2.3',
          '@tool/binding-win32-ia32-msvc': '1.2.3',
        },
      },
      'node_modules/@tool/binding-linux-x64-gnu': { version: '1.2.3' },
    },
  };
  const folder = plant(t, { 'package-lock.json': JSON.stringify(lock) });
  const before = check('check-lock', folder);
  assert.equal(before.code, 1);
  assert.match(before.stderr, /lacks node_modules\/@tool\/binding-win32-ia32-msvc\n/);
  assert.equal(check('check-lock', folder, '--write').code, 0);
  assert.equal(check('check-lock', folder).code, 0);
  const { packages } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  const added = { version: '1.2.3', dev: true, optional: true };
  assert.deepEqual(packages['node_modules/@tool/binding-linux-arm-musleabihf'], {
    ...added,
    libc: ['musl'],
    cpu: ['arm'],
    os: ['linux'],
  });
  assert.deepEqual(packages['node_modules/@tool/binding-win32-ia32-msvc'], {
    ...added,
    cpu: ['ia32'],
    os: ['win32'],
  });
});

test('check-lock: an entry that names where it came from is refused', (t) => {
  const lock = { packages: { '': {}, 'node_modules/x': { resolved: 'https://packages.test/x' } } };
  const { code, stderr } = check(
    'check-lock',
    plant(t, { 'package-lock.json': JSON.stringify(lock) }),
  );
  assert.equal(code, 1);
  assert.match(stderr, /names a registry for node_modules\/x/);
});
