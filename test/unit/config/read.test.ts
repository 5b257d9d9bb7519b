import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configFromAddress } from '../../../src/config/from-address.ts';
import { overrideConfig } from '../../../src/config/override.ts';
import { planFromAddress, readPlan } from '../../../src/config/read.ts';
import { findProblems } from '../../../src/config/validate.ts';

const folder = mkdtempSync(join(tmpdir(), 'polygate-plan-'));
after(() => rmSync(folder, { recursive: true }));
const checkout = fileURLToPath(new URL('../../..', import.meta.url));

test('gateway.config.ts of the checkout is planned, and the command line goes before it', async () => {
  const { plan, file } = await readPlan(undefined, checkout, { port: 0, adminPort: 0 });
  assert.equal(file, join(checkout, 'gateway.config.ts'));
  assert.deepEqual([plan.listen.host, plan.listen.port], ['127.0.0.1', 0]);
  assert.deepEqual(plan.admin, { host: '127.0.0.1', port: 0 });
  assert.equal(plan.upstreams[0]?.endpoints[0]?.address, '127.0.0.1:50051');
  assert.deepEqual(plan.routes[0]?.services, ['bookstore.v1.Bookstore']);
});

test('every file that is not there is named at once', async () => {
  mkdirSync(join(folder, 'a-folder'));
  writeFileSync(join(folder, 'a-file'), '');
  const upstream = {
    protocol: 'grpc',
    endpoints: ['h:1'],
    schema: { protos: ['lost.proto'], importPaths: ['a-folder', 'lost', 'a-file'] },
    rules: 'lost.yaml',
    tls: { ca: 'a-file', cert: 'a-folder', key: 'lost.pem' },
  };
  const config = {
    listen: { tls: { cert: 'a-file', key: 'lost.key', clientCa: 'a-folder' } },
    upstreams: { a: upstream },
    routes: [{ services: '*', upstream: 'a' }],
  };
  writeFileSync(join(folder, 'files.mjs'), `export default ${JSON.stringify(config)};\n`);
  await assert.rejects(readPlan('files.mjs', folder), {
    name: 'ConfigError',
    message: [
      `${join(folder, 'files.mjs')}: 7 problems`,
      `  listen.tls.key: expected a file, found nothing at ${join(folder, 'lost.key')}`,
      `  listen.tls.clientCa: expected a file, found a folder at ${join(folder, 'a-folder')}`,
      `  upstreams.a.schema.importPaths[1]: expected a folder, found nothing at ${join(folder, 'lost')}`,
      `  upstreams.a.schema.importPaths[2]: expected a folder, found a file at ${join(folder, 'a-file')}`,
      `  upstreams.a.rules: expected a file, found nothing at ${join(folder, 'lost.yaml')}`,
      `  upstreams.a.tls.cert: expected a file, found a folder at ${join(folder, 'a-folder')}`,
      `  upstreams.a.tls.key: expected a file, found nothing at ${join(folder, 'lost.pem')}`,
    ].join('\n'),
  });
});

test('an address alone is a configuration: reflection, all services, plain text', () => {
  const config = configFromAddress('grpc://127.0.0.1:50051');
  assert.deepEqual(config, {
    upstreams: {
      upstream: { protocol: 'grpc', endpoints: ['127.0.0.1:50051'], schema: { reflection: true } },
    },
    routes: [{ services: '*', upstream: 'upstream' }],
  });
  assert.deepEqual(findProblems(config), []);
});

test('grpcs is TLS; options stand in place of reflection', () => {
  const plan = planFromAddress(
    'grpcs://[::1]:443/',
    checkout,
    { protos: ['protos/demo/bookstore/v1/bookstore.proto'], importPaths: ['protos/demo'] },
    { host: '::1', port: 0 },
  );
  const [upstream] = plan.upstreams;
  assert.deepEqual(upstream?.tls, { ca: null, cert: null, key: null, serverName: null });
  assert.deepEqual(upstream?.endpoints, [{ address: '[::1]:443', host: '::1', port: 443 }]);
  assert.equal(upstream?.schema.kind, 'protos');
  assert.deepEqual([plan.listen.host, plan.listen.port], ['::1', 0]);
});

test('options that contradict each other are refused as those of a file', () => {
  assert.throws(
    () => planFromAddress('grpc://h:1', folder, { protos: ['a.proto'], descriptorSet: 'x.binpb' }),
    {
      message:
        'command line: 1 problem\n  upstreams.upstream.schema: expected an object with one of protos, descriptorSet and reflection, found protos and descriptorSet',
    },
  );
});

for (const address of [
  'h:1',
  'grpc://h',
  'http://h:1',
  'grpc://h:1/path',
  'grpc://u@h:1',
  'grpc://',
]) {
  test(`no address of a service: ${address}`, () => {
    assert.throws(() => configFromAddress(address), {
      name: 'ConfigError',
      message: `address: 1 problem\n  expected grpc://HOST:PORT or grpcs://HOST:PORT, found "${address}"`,
    });
  });
}

test('overrides go over what stands there, and leave what is wrong to validation', () => {
  const overrides = { host: 'h', port: 1, adminPort: 2 };
  assert.deepEqual(overrideConfig({ listen: { port: 9 }, admin: false, drain: 1 }, overrides), {
    listen: { host: 'h', port: 1 },
    admin: { port: 2 },
    drain: 1,
  });
  assert.deepEqual(overrideConfig({}, {}), {});
  assert.deepEqual(overrideConfig({ listen: 5 }, overrides), { listen: 5, admin: { port: 2 } });
  assert.equal(overrideConfig('x', overrides), 'x');
});
