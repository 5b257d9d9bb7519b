/** A process that may not make code from text: transcodes with the bytes of compiled code, and runs as a gateway. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBookstore } from '../../examples/bookstore/server.ts';
import { type Running, start } from '../support/command.ts';
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

const NODE = ['--disallow-code-generation-from-strings'];

/** A configuration file for `upstream`, without the admin port, whose fastify makes code. */
function configFor(t: TestContext, upstream: object): string {
  const folder = mkdtempSync(join(tmpdir(), 'polygate-no-codegen-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.config.mjs');
  const config = {
    admin: false,
    listen: { port: 0 },
    upstreams: { upstream: { protocol: 'grpc', ...upstream } },
    routes: [{ services: '*', upstream: 'upstream' }],
  };
  writeFileSync(file, `export default ${JSON.stringify(config)};\n`);
  return file;
}

async function originOf(running: Running): Promise<string> {
  const [, origin = ''] = await running.errHas(/^polygate listens on (http:\S+)$/m);
  return origin;
}

test('--disallow-code-generation-from-strings: starts with reflection and answers', async (t) => {
  const bookstore = await startBookstore();
  t.after(() => bookstore.close());
  const endpoints = [`127.0.0.1:${bookstore.port}`];
  const file = configFor(t, { endpoints, schema: { reflection: true } });
  const running = start(t, ['--config', file], { node: NODE });
  const response = await fetch(`${await originOf(running)}/bookstore.v1.Bookstore/ListShelves`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  assert.equal(response.status, 200);
  assert.ok(Array.isArray(((await response.json()) as { shelves?: unknown }).shelves));
});

test('--disallow-code-generation-from-strings: starts with a descriptor set and answers', async (t) => {
  const descriptorSet = fileURLToPath(new URL('../support/schema/rich.binpb', import.meta.url));
  const file = configFor(t, { endpoints: ['127.0.0.1:1'], schema: { descriptorSet } });
  const running = start(t, ['--config', file], { node: NODE });
  const response = await fetch(`${await originOf(running)}/nowhere`);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /PG_ROUTE_NOT_FOUND/);
});
