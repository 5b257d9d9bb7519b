/** A process that may not make code from text: transcodes with the bytes of compiled code, and runs as a gateway. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startBookstore } from '../../examples/bookstore/server.ts';
import { run, start } from '../support/command.ts';
import { transcodeDemo } from '../support/demo-transcoding.ts';
import { rawGrpcClient } from '../support/raw-grpc-client.ts';

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
const DEMO = fileURLToPath(new URL('../../protos/demo/demo.binpb', import.meta.url));
const METHOD = '/bookstore.v1.Bookstore/ListShelves';
/** An empty message in its envelope. */
const EMPTY = Buffer.alloc(5);

/** A configuration file; the admin port is left out unless asked for, since its fastify makes code. */
function configFor(t: TestContext, upstream: object, admin: object | false = false): string {
  const folder = mkdtempSync(join(tmpdir(), 'polygate-no-codegen-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.config.mjs');
  const config = {
    admin,
    listen: { port: 0 },
    upstreams: { upstream: { protocol: 'grpc', ...upstream } },
    routes: [{ services: '*', upstream: 'upstream' }],
  };
  writeFileSync(file, `export default ${JSON.stringify(config)};\n`);
  return file;
}

for (const [name, schema] of [
  ['reflection', { reflection: true }],
  ['a descriptor set', { descriptorSet: DEMO }],
] as const) {
  test(`--disallow-code-generation-from-strings: with ${name} REST and gRPC clients are answered`, async (t) => {
    const bookstore = await startBookstore();
    t.after(() => bookstore.close());
    const file = configFor(t, { endpoints: [`127.0.0.1:${bookstore.port}`], schema });
    const running = start(t, ['--config', file], { node: NODE });
    const [, origin = ''] = await running.errHas(/^polygate listens on (http:\S+)$/m);
    const rest = await fetch(`${origin}/v1/shelves?pageSize=2`);
    const { shelves } = (await rest.json()) as { readonly shelves: readonly { name: string }[] };
    assert.deepEqual([rest.status, shelves.length], [200, 2]);
    const posted = await fetch(`${origin}/v1/shelves`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ shelf: {}, unknown: 1 }),
    });
    assert.equal(posted.status, 400, 'the body is read and checked');
    const grpc = await rawGrpcClient(t, Number(new URL(origin).port)).send(METHOD, EMPTY);
    assert.deepEqual([grpc.httpStatus, grpc.end['grpc-status']], [200, '0']);
    assert.ok(grpc.body.includes(String(shelves[0]?.name)), 'the same shelves');
  });
}

test('--disallow-code-generation-from-strings: the admin port says why it cannot be, exit code 1', async (t) => {
  const upstream = { endpoints: ['127.0.0.1:1'], schema: { descriptorSet: DEMO } };
  const file = configFor(t, upstream, { port: 0 });
  const { code, err } = await run(t, ['--config', file], { node: NODE });
  const text =
    'the admin port makes code from strings, which this process may not (--disallow-code-generation-from-strings): set admin: false\n';
  assert.deepEqual({ code, err }, { code: 1, err: text });
});
