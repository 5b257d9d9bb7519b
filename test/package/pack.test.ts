/** The package that npm gets, installed into an empty folder: no checkout, no sources, no dist of ours around. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBookstore } from '../../examples/bookstore/server.ts';
import { type Greeter, startGreeter, writeUserFiles } from './support/greeter.ts';
import { run, runWell, startServing } from './support/run.ts';

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const QUIET = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
/** Far above what there is (89 in November 2026), so that only a new tree of dependencies is seen. */
const MAX_PACKAGES = 110;

let temporary = '';
let folder = '';
let packed: Packed;
let greeter: Greeter;

before(async () => {
  temporary = await realpath(await mkdtemp(join(tmpdir(), 'polygate-pack-')));
  folder = join(temporary, 'user');
  const json = await runWell('npm', ['pack', '--json', '--pack-destination', temporary], {
    cwd: ROOT,
  });
  packed = onlyPackage(json);
  writeUserFiles(folder, 'placeholder:1');
  greeter = await startGreeter(join(folder, 'protos'), join(ROOT, 'protos'));
  writeUserFiles(folder, greeter.address);
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const tarball = join(temporary, packed.filename);
  await runWell('npm', ['install', tarball, '--omit=dev', ...QUIET], { cwd: folder });
});

after(async () => {
  greeter.close();
  await rm(temporary, { recursive: true, force: true });
});

/** What prepack prints stands before the JSON; npm 12 names the packages, older ones list them. */
function onlyPackage(output: string): Packed {
  const at = output.search(/^[[{]/m);
  const parsed = JSON.parse(output.slice(at)) as Record<string, Packed>;
  const [first] = Object.values(parsed);
  assert.ok(first, 'npm pack lists the package');
  return first;
}

describe('the package', () => {
  test('has what a user runs and reads, and nothing that only we need', () => {
    const paths = packed.files.map(({ path }) => path);
    for (const path of [
      'dist/cli.js',
      'dist/index.js',
      'dist/index.d.ts',
      'protos/google/api/annotations.proto',
      'protos/google/protobuf/LICENSE',
      'package.json',
      'README.md',
      'CHANGELOG.md',
      'LICENSE',
      'NOTICE',
    ]) {
      assert.ok(paths.includes(path), `${path} is missing`);
    }
    const wanted =
      /^(?:dist\/.+\.(?:js|d\.ts)|protos\/(?!demo\/).+|package\.json|[A-Z]+(?:\.md)?)$/;
    assert.deepEqual(
      paths.filter((path) => !wanted.test(path)),
      [],
    );
  });

  test('brings no tool of ours and few packages', async () => {
    const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    const installed = Object.keys(lock.packages).filter((path) => path !== '');
    for (const tool of ['node', 'typescript', 'knip', '@biomejs/biome', 'fast-check']) {
      assert.ok(!installed.includes(`node_modules/${tool}`), `${tool} is installed`);
    }
    assert.ok(installed.length <= MAX_PACKAGES, `${installed.length} packages`);
  });
});

describe('npx polygate in an empty folder', () => {
  test('says its version', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    const printed = await runWell('npx', ['--no-install', 'polygate', '--version'], {
      cwd: folder,
    });
    assert.ok(printed.includes(version), printed);
  });

  test('checks a configuration that imports defineConfig by our name', async () => {
    const printed = await runWell('npx', ['--no-install', 'polygate', 'check'], { cwd: folder });
    assert.match(printed, /greeter/);
  });

  test('refuses a wrong configuration with exit code 1', async () => {
    await writeFile(join(folder, 'wrong.config.ts'), 'export default { listen: { prot: 1 } };\n');
    const { code, stderr } = await run(
      'npx',
      ['--no-install', 'polygate', 'check', '--config', 'wrong.config.ts'],
      { cwd: folder },
    );
    assert.equal(code, 1, stderr);
    assert.match(stderr, /listen\.prot/);
  });

  test('serves a call of a service whose proto imports google/api', async () => {
    const gateway = await startServing(join(folder, 'node_modules/.bin/polygate'), ['serve'], {
      cwd: folder,
    });
    try {
      const answer = await fetch(`${gateway.origin}/v1/greetings/Ada`);
      assert.equal(answer.status, 200);
      assert.deepEqual(await answer.json(), { text: 'Hello, Ada' });
    } finally {
      assert.equal(await gateway.stop(), 0);
    }
  });

  test('reads the rules of a running service by reflection', async (t) => {
    const bookstore = await startBookstore();
    t.after(() => bookstore.close());
    const address = `grpc://127.0.0.1:${bookstore.port}`;
    const printed = await runWell('npx', ['--no-install', 'polygate', 'routes', address], {
      cwd: folder,
    });
    assert.match(printed, /\/v1\/\{name=shelves\/\*\/books\/\*\}/);
  });
});

describe('the package as a library', () => {
  test('createGateway serves, from plain JavaScript', async () => {
    const program = `
      import { createGateway, defineConfig } from 'polygate';
      import assert from 'node:assert/strict';
      const gateway = await createGateway(defineConfig({
        listen: { port: 0 },
        admin: false,
        log: { level: 'silent' },
        upstreams: { greeter: { protocol: 'grpc', endpoints: ['${greeter.address}'],
          schema: { protos: ['protos/greeter.proto'], importPaths: ['protos'] } } },
        routes: [{ services: ['*'], upstream: 'greeter' }],
      }));
      const answer = await fetch('http://127.0.0.1:' + gateway.port + '/v1/greetings/Bob');
      assert.deepEqual(await answer.json(), { text: 'Hello, Bob' });
      await gateway.close(true);
    `;
    await writeFile(join(folder, 'program.js'), program);
    await runWell('node', ['program.js'], { cwd: folder });
  });

  test('has types that a compiler with its own defaults checks a configuration by', async () => {
    const args = ['--noEmit', '--module', 'nodenext', '--ignoreConfig'];
    await runWell(TSC, [...args, 'gateway.config.ts'], { cwd: folder });
    const wrong = `import { defineConfig } from 'polygate';\ndefineConfig({ listen: { prot: 1 } });\n`;
    await writeFile(join(folder, 'wrong-types.ts'), wrong);
    const { code, stdout } = await run(TSC, [...args, 'wrong-types.ts'], { cwd: folder });
    assert.notEqual(code, 0);
    assert.match(stdout, /'prot' does not exist/);
  });
});
