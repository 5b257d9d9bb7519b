/** No container engine runs where the tests do: the steps of the Dockerfile are replayed in an empty folder and its command is started. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEFAULTS } from '../../src/config/defaults.ts';
import { inContext, parseDockerfile } from './support/dockerfile.ts';
import { type Greeter, startGreeter, writeUserFiles } from './support/greeter.ts';
import { build, type Image, inImage, wordsHere } from './support/replay.ts';
import { run, startServing } from './support/run.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('the reader of Dockerfiles', () => {
  for (const line of [
    'ADD x y',
    'FROM --platform=linux/amd64 node:24-slim',
    'COPY --chown=node x y',
    'COPY src/* dist/',
    'COPY a b c',
    'RUN --mount=type=cache,target=/x npm ci',
    'ENV PATH=$PATH:/x',
    'CMD node dist/cli.js',
    'HEALTHCHECK NONE',
    'from node:24-slim',
  ]) {
    test(`refuses what it would replay wrongly: ${line}`, () => {
      assert.throws(() => parseDockerfile(`${line}\n`), /^Error: Dockerfile: /);
    });
  }

  test('takes the last pattern of .dockerignore that matches', () => {
    const ignore = '# all\n*\n!src\nsrc/secret\n';
    const paths = ['package.json', 'src', 'src/a.ts', 'src/secret/b', 'srcs'];
    assert.deepEqual(
      paths.filter((path) => inContext(path, ignore)),
      ['src', 'src/a.ts'],
    );
  });
});

describe('the image', () => {
  let scratch = '';
  let image: Image;
  let greeter: Greeter;

  before(async () => {
    scratch = await realpath(await mkdtemp(join(tmpdir(), 'polygate-image-')));
    const text = await readFile(join(ROOT, 'Dockerfile'), 'utf8');
    const ignore = await readFile(join(ROOT, '.dockerignore'), 'utf8');
    image = await build(parseDockerfile(text), { context: ROOT, ignore, scratch });
    writeUserFiles(inImage(image, '/config'), 'placeholder:1');
    greeter = await startGreeter(inImage(image, '/config/protos'), inImage(image, '/app/protos'));
    writeUserFiles(inImage(image, '/config'), greeter.address);
  });

  after(async () => {
    greeter?.close();
    await rm(scratch, { recursive: true, force: true });
  });

  test('runs as an unprivileged user and listens where other containers reach it', () => {
    assert.equal(image.user, 'node');
    assert.deepEqual(image.cmd, ['serve', '--host', '0.0.0.0']);
    assert.deepEqual(image.exposed, [8080]);
    assert.equal(image.env['NODE_ENV'], 'production');
  });

  test('has what runs and nothing else', async () => {
    assert.deepEqual((await readdir(image.root)).toSorted(), ['app', 'config']);
    assert.deepEqual((await readdir(inImage(image, '/app'))).toSorted(), [
      'LICENSE',
      'NOTICE',
      'dist',
      'node_modules',
      'package.json',
      'protos',
    ]);
    assert.ok(!(await readdir(inImage(image, '/app/protos'))).includes('demo'));
    // npm's own list of what it left behind; folders of scopes stay, empty.
    const list = join(inImage(image, '/app/node_modules'), '.package-lock.json');
    const { packages } = JSON.parse(await readFile(list, 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const tools = Object.keys(packages).filter((path) => packages[path]?.dev === true);
    assert.deepEqual(tools, []);
    assert.ok('node_modules/fastify' in packages);
    assert.ok(!existsSync(inImage(image, '/app/node_modules/typescript')));
  });

  test('starts, is healthy, serves a call, writes no file and ends on SIGTERM', async () => {
    const before = await readdir(image.root, { recursive: true });
    // A test listens on loopback only.
    const words = [...image.entrypoint, ...image.cmd].map((word) =>
      word === '0.0.0.0' ? '127.0.0.1' : word,
    );
    const [command = '', ...args] = wordsHere(image, words);
    const cwd = inImage(image, '.');
    const gateway = await startServing(command, args, { cwd, env: image.env });
    const [check = '', ...checkArgs] = wordsHere(image, image.healthcheck);
    const env = { ...image.env, HEALTHCHECK_PORT: String(gateway.adminPort) };
    const checkHealth = (): Promise<{ code: number; stderr: string }> =>
      run(check, checkArgs, { cwd, env });
    try {
      const health = await checkHealth();
      assert.equal(health.code, 0, health.stderr);
      const answer = await fetch(`${gateway.origin}/v1/greetings/Ada`);
      assert.deepEqual(await answer.json(), { text: 'Hello, Ada' });
    } finally {
      assert.equal(await gateway.stop(), 0);
    }
    assert.equal((await checkHealth()).code, 1);
    assert.deepEqual(await readdir(image.root, { recursive: true }), before);
  });

  test('asks for its health where the admin port is by default', () => {
    assert.equal(image.env['HEALTHCHECK_PORT'], String(DEFAULTS['admin.port'].value));
    assert.equal(DEFAULTS['admin.host'].value, '127.0.0.1');
  });
});
