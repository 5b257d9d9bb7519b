/** What the schemas and the plan say together: rules of which one can answer, and services that are nowhere. */
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { createGateway, type Gateway, type RouteConfig, type UpstreamConfig } from 'polygate';
import { type Bookstore, startBookstore } from '../../examples/bookstore/server.ts';
import { memoryLog, type MemoryLog } from '../support/memory-log.ts';
import { withFile } from '../support/schema/load.ts';

const PROTO = `syntax = "proto3";
package twice.v1;
import "google/api/annotations.proto";
service Twice {
  rpc One(M) returns (M) { option (google.api.http) = { get: "/v1/{a}" }; }
  rpc Two(M) returns (M) { option (google.api.http) = { get: "/v1/{b}" }; }
}
service Other {
  rpc Three(M) returns (M);
}
message M { string a = 1; string b = 2; }
`;

let bookstore: Bookstore;
before(async () => {
  bookstore = await startBookstore();
});
after(() => bookstore.close());

async function start(
  t: TestContext,
  upstreams: Readonly<Record<string, UpstreamConfig>>,
  routes: readonly RouteConfig[],
  baseDir?: string,
): Promise<{ readonly gateway: Gateway; readonly log: MemoryLog }> {
  const log = memoryLog();
  const gateway = await createGateway(
    { listen: { port: 0 }, admin: false, upstreams, routes },
    { log, ...(baseDir !== undefined && { baseDir }) },
  );
  t.after(() => gateway.close(true));
  return { gateway, log };
}

function fromProtos(): UpstreamConfig {
  return { protocol: 'grpc', endpoints: ['127.0.0.1:1'], schema: { protos: ['twice.proto'] } };
}

function fromReflection(): UpstreamConfig {
  const endpoints = [`127.0.0.1:${bookstore.port}`];
  return { protocol: 'grpc', endpoints, schema: { reflection: true } };
}

/** What is said of a configuration that must not start. */
async function refusal(
  t: TestContext,
  upstreams: Readonly<Record<string, UpstreamConfig>>,
  routes: readonly RouteConfig[],
): Promise<readonly string[]> {
  return withFile('twice.proto', PROTO, async (directory) => {
    let lines: readonly string[] = [];
    await assert.rejects(start(t, upstreams, routes, directory), (error: Error) => {
      assert.equal(error.name, 'GenerationError');
      lines = error.message.split('\n');
      return true;
    });
    return lines;
  });
}

test('two rules that differ in the names of variables at most are an error that names both', async (t) => {
  const lines = await refusal(t, { a: fromProtos() }, [
    { services: ['twice.v1.Twice'], upstream: 'a' },
  ]);
  assert.deepEqual(lines, [
    'twice.proto: twice.v1.Twice.Two: GET /v1/{b} is taken by twice.proto: twice.v1.Twice.One: GET /v1/{a}',
  ]);
});

test('one service behind two upstreams: the upstreams are named', async (t) => {
  const services = ['twice.v1.Other'];
  const lines = await refusal(t, { a: fromProtos(), b: fromProtos() }, [
    { services: '*', upstream: 'a' },
    { services, upstream: 'b' },
  ]);
  assert.deepEqual(lines.slice(1), [
    'twice.v1.Other.Three (implicit rule) (upstream "b"): POST /twice.v1.Other/Three is taken by twice.v1.Other.Three (implicit rule) (upstream "a"): POST /twice.v1.Other/Three',
  ]);
});

test('from reflection it is a warning, and the first stays', async (t) => {
  const services = ['bookstore.v1.Bookstore'];
  const { gateway, log } = await start(t, { a: fromReflection(), b: fromReflection() }, [
    { services: '*', upstream: 'a' },
    { services, upstream: 'b' },
  ]);
  const { warnings, table } = gateway.generation;
  assert.ok(warnings.length > 0);
  assert.equal(warnings.length, table.entries().length);
  assert.match(
    warnings[0] ?? '',
    /bookstore\.v1\.Bookstore\..* \(upstream "b"\): (GET \S+) is taken by .* \(upstream "a"\): \1; the first one stays$/,
  );
  assert.ok(log.lines.some(({ message }) => message === warnings[0]));
  assert.equal(
    table.match('GET', '/v1/shelves/1')?.target.route.rpc,
    '/bookstore.v1.Bookstore/GetShelf',
  );
});

test('every service that its upstream does not have is told, with those that it has', async (t) => {
  const lines = await refusal(t, { a: fromProtos() }, [
    { services: ['twice.v1.Thrice', 'nowhere.v1.X'], upstream: 'a' },
  ]);
  assert.deepEqual(lines, [
    'routes[0].services: upstream "a" has no service "twice.v1.Thrice", only twice.v1.Twice, twice.v1.Other',
    'routes[0].services: upstream "a" has no service "nowhere.v1.X", only twice.v1.Twice, twice.v1.Other',
  ]);
});

test('"*" is every service that no other route names, each with the settings of its route', async (t) => {
  const { gateway } = await start(t, { a: fromReflection() }, [
    { services: ['grpc.health.v1.Health'], upstream: 'a', strictness: 'ignore' },
    { services: '*', upstream: 'a' },
  ]);
  const get = async (path: string, init?: RequestInit): Promise<number> =>
    (await fetch(`http://127.0.0.1:${gateway.port}${path}`, init)).status;
  assert.equal(await get('/v1/shelves/1?nothing=1'), 400);
  assert.equal(await get('/v1/shelves/1'), 200);
  const check = { method: 'POST', headers: { 'content-type': 'application/json' } };
  assert.equal(await get('/grpc.health.v1.Health/Check', { ...check, body: '{"nothing":1}' }), 200);
});

test('"*" leaves reflection and health out, also where a descriptor set brings it along', async (t) => {
  const upstream: UpstreamConfig = {
    protocol: 'grpc',
    endpoints: [`127.0.0.1:${bookstore.port}`],
    schema: { descriptorSet: 'protos/demo/demo.binpb' },
  };
  const { gateway } = await start(t, { a: upstream }, [{ services: '*', upstream: 'a' }]);
  const services = gateway.generation.table
    .entries()
    .map(({ target }) => target.route.name.split('/')[0] ?? '');
  assert.deepEqual([...new Set(services)], ['bookstore.v1.Bookstore']);
});

test('a field of server-sent events that no streaming method has is an error, once', async (t) => {
  const sse = { id: 'checksum', event: 'tags' };
  const upstreams = {
    books: {
      protocol: 'grpc',
      endpoints: [`127.0.0.1:${bookstore.port}`],
      schema: { protos: ['protos/demo/bookstore/v1/bookstore.proto'], importPaths: ['protos'] },
      stream: { sse },
    },
  } as const;
  const routes = [{ services: ['bookstore.v1.Bookstore'], upstream: 'books' }] as const;
  await assert.rejects(start(t, upstreams, routes), (error: Error) => {
    const told = error.message.split('\n').filter((line) => line.startsWith('stream.sse'));
    assert.deepEqual(told, [
      'stream.sse.id: the messages of no server-streaming method have a text, number or enum "checksum"',
      'stream.sse.event: the messages of no server-streaming method have a text, number or enum "tags"',
    ]);
    return true;
  });
});
