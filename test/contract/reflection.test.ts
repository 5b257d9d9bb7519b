/** Server reflection of the running gateway, as grpc-js asks it; what it tells is read by @bufbuild/protobuf. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { createFileRegistry, fromBinary, getOption } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { createGateway, type Gateway, type GatewayConfig } from 'polygate';
import { startBookstore } from '../../examples/bookstore/server.ts';
import { memoryLog } from '../support/memory-log.ts';
import { type Reflected, talk, type ReflectionTalk } from '../support/reflection-client.ts';
import { withFiles } from '../support/schema/load.ts';

const checkout = new URL('../..', import.meta.url).pathname;

const BOOKSTORE = {
  protocol: 'grpc',
  endpoints: ['127.0.0.1:1'],
  schema: {
    protos: ['protos/demo/bookstore/v1/bookstore.proto'],
    importPaths: ['protos/demo', 'protos'],
  },
} as const;

async function start(
  t: TestContext,
  changes: Partial<GatewayConfig> = {},
  baseDir: string = checkout,
  listen = true,
): Promise<Gateway> {
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      upstreams: { bookstore: BOOKSTORE },
      routes: [{ services: '*', upstream: 'bookstore' }],
      ...changes,
    },
    { baseDir, log: memoryLog(), listen },
  );
  t.after(() => gateway.close(true));
  return gateway;
}

function open(t: TestContext, { port }: Gateway, version: 'v1' | 'v1alpha' = 'v1'): ReflectionTalk {
  const opened = talk(port, version);
  t.after(() => opened.close());
  return opened;
}

function servicesOf(answer: Reflected): string[] {
  return (answer.list_services_response?.service ?? []).map(({ name }) => name);
}

function filesOf(answer: Reflected): string[] {
  return (answer.file_descriptor_response?.file_descriptor_proto ?? []).map(
    (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
  );
}

const OWN = [
  'grpc.health.v1.Health',
  'grpc.reflection.v1.ServerReflection',
  'grpc.reflection.v1alpha.ServerReflection',
];

for (const version of ['v1', 'v1alpha'] as const) {
  test(`${version}: services, a file with its imports, each once, and the proper end`, async (t) => {
    const { ask, stream, status } = open(t, await start(t), version);
    const listed = await ask({ host: 'here', list_services: '*' });
    assert.deepEqual(servicesOf(listed), ['bookstore.v1.Bookstore', ...OWN]);
    assert.equal(listed.valid_host, 'here');
    assert.equal(listed.original_request['list_services'], '*');
    const answer = await ask({ file_containing_symbol: 'bookstore.v1.Bookstore' });
    const files = filesOf(answer);
    assert.equal(files[0], 'bookstore/v1/bookstore.proto');
    assert.ok(files.includes('google/api/annotations.proto'), files.join());
    assert.equal(new Set(files).size, files.length);
    const again = await ask({ file_by_filename: 'bookstore/v1/bookstore.proto' });
    assert.deepEqual(filesOf(again), ['bookstore/v1/bookstore.proto']);
    stream.end();
    assert.equal((await status).code, 0);
  });
}

test('descriptors load, and have the options that they were written with', async (t) => {
  const { ask } = open(t, await start(t));
  const answer = await ask({ file_containing_symbol: 'bookstore.v1.Bookstore.GetBook' });
  const file = (answer.file_descriptor_response?.file_descriptor_proto ?? []).map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  );
  const [asked] = file;
  assert.ok(asked !== undefined);
  const registry = createFileRegistry(asked, (name) => file.find((one) => one.name === name));
  const rule = registry.getExtension('google.api.http');
  const method = registry.getService('bookstore.v1.Bookstore')?.method['getBook'];
  assert.ok(rule !== undefined && method !== undefined);
  const option = getOption(method, rule);
  assert.match(JSON.stringify(option), /"case":"get","value":"\/v1\//);
});

describe('questions', () => {
  test('symbols of each kind', async (t) => {
    await withFiles({ 'all.proto': ALL }, async (directory) => {
      const { ask } = open(t, await start(t, { ...ALL_ROUTED }, directory));
      for (const symbol of [
        'all.v1.All',
        'all.v1.All.Do',
        'all.v1.M',
        'all.v1.M.a',
        'all.v1.M.pick',
        'all.v1.M.Inner',
        'all.v1.M.Inner.b',
        'all.v1.E',
        'all.v1.ZERO',
        'all.v1.more',
      ]) {
        assert.deepEqual(
          filesOf(await ask({ file_containing_symbol: symbol })),
          ['all.proto'],
          symbol,
        );
      }
    });
  });

  test('extensions by number, and their numbers', async (t) => {
    await withFiles({ 'all.proto': ALL }, async (directory) => {
      const { ask } = open(t, await start(t, { ...ALL_ROUTED }, directory));
      const found = await ask({
        file_containing_extension: { containing_type: 'all.v1.M', extension_number: 120 },
      });
      assert.deepEqual(filesOf(found), ['all.proto']);
      const numbers = async (type: string): Promise<unknown> =>
        (await ask({ all_extension_numbers_of_type: type })).all_extension_numbers_response;
      // proto-loader leaves out what is empty.
      assert.deepEqual(await numbers('all.v1.M'), {
        base_type_name: 'all.v1.M',
        extension_number: [110, 120],
      });
      assert.deepEqual(await numbers('all.v1.N'), { base_type_name: 'all.v1.N' });
    });
  });

  for (const [name, question, code, message] of [
    ['a file', { file_by_filename: 'no.proto' }, 5, 'there is no file no.proto'],
    ['a symbol', { file_containing_symbol: 'no.X' }, 5, 'there is no symbol no.X'],
    ['a type', { all_extension_numbers_of_type: 'no.X' }, 5, 'there is no type no.X'],
    [
      'an extension',
      { file_containing_extension: { containing_type: 'no.X', extension_number: 7 } },
      5,
      'there is no extension 7 of no.X',
    ],
    ['nothing', { host: 'x' }, 3, 'the request has no question'],
  ] as const) {
    test(`what is not there is an answer, and the stream goes on: ${name}`, async (t) => {
      const { ask } = open(t, await start(t));
      const answer = await ask(question);
      assert.deepEqual(answer.error_response, { error_code: code, error_message: message });
      assert.equal(servicesOf(await ask({ list_services: '' })).length, 4);
    });
  }
});

test('what is not routed is not told', async (t) => {
  const files = {
    'shown.proto':
      'syntax = "proto3"; package a; service Shown { rpc Do(M) returns (M); } message M {}',
    'hidden.proto':
      'syntax = "proto3"; package b; service Hidden { rpc Do(M) returns (M); } message M {}',
  };
  await withFiles(files, async (directory) => {
    const schema = { protos: Object.keys(files) };
    const upstreams = { a: { ...BOOKSTORE, schema } };
    const routes = [{ services: ['a.Shown'], upstream: 'a' }];
    const { ask } = open(t, await start(t, { upstreams, routes }, directory));
    assert.deepEqual(servicesOf(await ask({ list_services: '' })), ['a.Shown', ...OWN]);
    assert.deepEqual(filesOf(await ask({ file_by_filename: 'shown.proto' })), ['shown.proto']);
    const hidden = await ask({ file_containing_symbol: 'b.Hidden' });
    assert.equal(hidden.error_response?.error_code, 5);
  });
});

test('files of one name in two upstreams: each symbol has its own', async (t) => {
  const files = {
    'a/api.proto':
      'syntax = "proto3"; package a; service A { rpc Do(M) returns (M); } message M {}',
    'b/api.proto':
      'syntax = "proto3"; package b; service B { rpc Do(M) returns (M); } message M {}',
  };
  await withFiles(files, async (directory) => {
    const schemaOf = (folder: string): { protos: string[]; importPaths: string[] } => ({
      protos: ['api.proto'],
      importPaths: [folder],
    });
    const upstreams = {
      a: { ...BOOKSTORE, schema: schemaOf('a') },
      b: { ...BOOKSTORE, schema: schemaOf('b') },
    };
    const routes = ['a', 'b'].map((upstream) => ({ services: '*', upstream }) as const);
    const { ask } = open(t, await start(t, { upstreams, routes }, directory));
    for (const [symbol, pkg] of [
      ['a.A', 'a'],
      ['b.B', 'b'],
    ]) {
      const answer = await ask({ file_containing_symbol: symbol });
      const [bytes = Buffer.alloc(0)] =
        answer.file_descriptor_response?.file_descriptor_proto ?? [];
      assert.equal(fromBinary(FileDescriptorProtoSchema, bytes).package, pkg);
    }
  });
});

describe('whether it is there', () => {
  for (const [name, changes, code] of [
    ['switched off', { reflection: false }, 12],
    ['every address', { listen: { host: '0.0.0.0', port: 0 } }, 12],
    ['every address, switched on', { listen: { host: '0.0.0.0', port: 0 }, reflection: true }, 0],
  ] as const) {
    test(name, async (t) => {
      const { stream, status } = open(t, await start(t, changes));
      stream.resume();
      stream.end();
      assert.equal((await status).code, code);
    });
  }
});

test('not where the gateway is only mounted, unless it is said', async (t) => {
  const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
  const silent = await start(t, {}, checkout, false);
  assert.equal(silent.generation.rpcs.match(path), undefined);
  const told = await start(t, { reflection: true }, checkout, false);
  assert.equal(told.generation.rpcs.match(path)?.route.rpc, path);
});

test('a route that names the reflection of its upstream wins', async (t) => {
  const bookstore = await startBookstore();
  t.after(() => bookstore.close());
  const endpoints = [`127.0.0.1:${bookstore.port}`];
  const upstreams = { a: { protocol: 'grpc', endpoints, schema: DEMO_SET } } as const;
  const services = ['grpc.reflection.v1.ServerReflection'];
  const gateway = await start(t, { upstreams, routes: [{ services, upstream: 'a' }] });
  const theirs = servicesOf(await open(t, gateway).ask({ list_services: '' }));
  assert.ok(theirs.includes('bookstore.v1.Bookstore'), 'which is not routed here');
  const ours = servicesOf(await open(t, gateway, 'v1alpha').ask({ list_services: '' }));
  assert.deepEqual(ours, OWN);
});
const DEMO_SET = { descriptorSet: 'protos/demo/demo.binpb' } as const;

test('a client that leaves holds nothing: the drain is over at once', async (t) => {
  const gateway = await start(t);
  const left = open(t, gateway);
  await left.ask({ list_services: '' });
  left.stream.cancel();
  assert.equal((await left.status).code, 1);
  assert.equal(await gateway.close(), 0);
});

const ALL = `syntax = "proto2";
package all.v1;
service All { rpc Do(M) returns (M); }
message M {
  extensions 100 to 200;
  oneof pick { string a = 1; }
  message Inner { optional string b = 1; }
  extend M { optional string inside = 110; }
}
message N {}
enum E { ZERO = 0; }
extend M { optional string more = 120; }
`;
const ALL_ROUTED = {
  upstreams: { a: { ...BOOKSTORE, schema: { protos: ['all.proto'] } } },
  routes: [{ services: '*', upstream: 'a' }],
} as const;
