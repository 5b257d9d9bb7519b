/** The commands that look and end: what they print where, and their exit codes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, run } from '../support/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'polygate-command-'));
after(() => rmSync(folder, { recursive: true }));

const FAULT = [
  '--proto',
  join(ROOT, 'test/support/protos/fault/v1/fault.proto'),
  '--import-path',
  join(ROOT, 'test/support/protos'),
];
/** Nothing listens there, and nothing needs to. */
const NOWHERE = 'grpc://127.0.0.1:1';

test('--help prints the page, --version the version of the package', async (t) => {
  const [help, version] = await Promise.all([run(t, ['--help']), run(t, ['-v'], { cwd: folder })]);
  assert.match(help.out, /^polygate: .*\n\nUsage\n/);
  assert.deepEqual({ code: help.code, err: help.err }, { code: 0, err: '' });
  assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
  assert.deepEqual({ code: version.code, err: version.err }, { code: 0, err: '' });
});

test('a wrong command line is told on standard error, exit code 2', async (t) => {
  assert.deepEqual(await run(t, ['chek']), {
    code: 2,
    out: '',
    err: 'polygate: there is no command "chek"; did you mean check?\n(--help shows the usage)\n',
  });
});

test('check prints the plan of the checkout’s gateway.config.ts', async (t) => {
  const { code, out, err } = await run(t, ['check']);
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  assert.match(out, /^gateway\.config\.ts: valid, 42 routes\n\nlisten {2}127\.0\.0\.1:8080\n/);
  assert.match(out, /\n {2}services {3}bookstore\.v1\.Bookstore \(20 methods, 22 http rules\)\n/);
  assert.match(
    out,
    /\nroutes\[0\]: bookstore\.v1\.Bookstore -> bookstore\n {2}strictness {2}reject\n/,
  );
});

test('check prints the JSON options that are set', async (t) => {
  writeFileSync(
    join(folder, 'json.config.mjs'),
    `export default {
      json: { emitDefaults: true, int64: 'number' },
      upstreams: {
        a: {
          protocol: 'grpc',
          endpoints: ['127.0.0.1:1'],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: [${JSON.stringify(FAULT[3])}] },
        },
      },
      routes: [{ services: '*', upstream: 'a', json: { emitDefaults: false, pretty: true } }],
    };\n`,
  );
  const { out } = await run(t, ['check', '-c', 'json.config.mjs'], { cwd: folder });
  assert.match(out, /\n {2}json {8}pretty, int64 as numbers\n/);
});

test('check lists every mistake of a configuration, one a line, exit code 1', async (t) => {
  const file = join(folder, 'wrong.config.ts');
  writeFileSync(file, `export default { listen: { port: 'http' }, upstream: {}, routes: [] };\n`);
  const { code, out, err } = await run(t, ['check', '--config', 'wrong.config.ts'], {
    cwd: folder,
  });
  assert.deepEqual({ code, out }, { code: 1, out: '' });
  const [head, ...lines] = err.trimEnd().split('\n');
  assert.equal(head, `${file}: ${lines.length} problems`);
  assert.ok(lines.length >= 3, err);
  assert.ok(
    lines.some((line) => line.startsWith('  listen.port: expected ')),
    err,
  );
});

test('check lists the mistakes of all schemas, without waiting for a server that is down', async (t) => {
  writeFileSync(join(folder, 'a.proto'), 'syntax = "proto3";\nmessage A { strin name = 1 }\n');
  writeFileSync(join(folder, 'b.proto'), 'syntax = "proto3";\nmessage = 1;\n');
  const upstream = (schema: string): string =>
    `{ protocol: 'grpc', endpoints: ['127.0.0.1:1'], schema: ${schema} }`;
  writeFileSync(
    join(folder, 'schemas.config.mjs'),
    `export default {
      upstreams: {
        a: ${upstream("{ protos: ['a.proto'] }")},
        b: ${upstream("{ protos: ['b.proto'] }")},
        c: ${upstream('{ reflection: true }')},
      },
      routes: [{ services: '*', upstream: 'a' }],
    };\n`,
  );
  const { code, out, err } = await run(t, ['check', '-c', 'schemas.config.mjs'], { cwd: folder });
  assert.deepEqual({ code, out }, { code: 1, out: '' });
  assert.match(err, /a\.proto:2:/);
  assert.match(err, /b\.proto:2:/);
});

test('a folder without a configuration says what was looked for', async (t) => {
  const { code, err } = await run(t, [], { cwd: folder });
  assert.equal(code, 1);
  assert.match(
    err,
    /: 1 problem\n {2}expected gateway\.config\.ts, .* or a file named by --config/,
  );
});

test('check --json is the plan as data', async (t) => {
  const { code, out } = await run(t, ['check', NOWHERE, ...FAULT, '--json'], { cwd: folder });
  assert.equal(code, 0);
  const { plan, services } = JSON.parse(out) as {
    plan: { listen: { host: unknown; port: unknown }; settings: { streamTimeoutMs: unknown } };
    services: unknown;
  };
  assert.deepEqual([plan.listen.host, plan.listen.port], ['127.0.0.1', 8080]);
  assert.equal(plan.settings.streamTimeoutMs, 'none');
  assert.deepEqual(services, { upstream: ['fault.v1.Fault'] });
});

test('routes prints the table, and its lines as data', async (t) => {
  const [table, data] = await Promise.all([
    run(t, ['routes', NOWHERE, ...FAULT], { cwd: folder }),
    run(t, ['routes', NOWHERE, ...FAULT, '--json'], { cwd: folder }),
  ]);
  assert.deepEqual({ code: table.code, err: table.err }, { code: 0, err: '' });
  const lines = table.out.split('\n').map((line) => line.split(/ {2,}/));
  assert.deepEqual(lines.slice(0, 5), [
    ['VERB', 'TEMPLATE', 'METHOD', 'UPSTREAM', 'KIND', 'BODY'],
    ['GET', '/v1/items/{name}', 'fault.v1.Fault/Get', 'upstream', 'unary', '-'],
    ['POST', '/fault.v1.Fault/Get', 'fault.v1.Fault/Get', 'upstream', 'unary', '*'],
    ['POST', '/v1/items', 'fault.v1.Fault/Create', 'upstream', 'unary', '*'],
    ['POST', '/fault.v1.Fault/Create', 'fault.v1.Fault/Create', 'upstream', 'unary', '*'],
  ]);
  const routes = JSON.parse(data.out) as { verb: string; template: string; kind: string }[];
  assert.equal(routes.length, 10);
  assert.partialDeepStrictEqual(routes[4], { template: '/v1/items:watch', kind: 'server_stream' });
});

test('explain shows rule, bindings, request and near misses of a path', async (t) => {
  assert.deepEqual(await run(t, ['explain', 'GET', '/v1/shelves/1/books/2']), {
    code: 0,
    err: '',
    out: `GET /v1/shelves/1/books/2

route     GET /v1/{name=shelves/*/books/*}
method    bookstore.v1.Bookstore/GetBook (unary)
upstream  bookstore
rule of   bookstore/v1/bookstore.proto: bookstore.v1.Bookstore.GetBook
body      none

bound
  name  "shelves/1/books/2"  from the path

request
  {"name":"shelves/1/books/2"}

not taken
  PATCH   /v1/{book.name=shelves/*/books/*}     bookstore.v1.Bookstore/UpdateBook   it answers PATCH, not GET
  DELETE  /v1/{name=shelves/*/books/*}          bookstore.v1.Bookstore/DeleteBook   it answers DELETE, not GET
  POST    /v1/{name=shelves/*/books/*}:archive  bookstore.v1.Bookstore/ArchiveBook  the rule ends with the custom verb ":archive"
  POST    /v1/{name=shelves/*/books/*}:move     bookstore.v1.Bookstore/MoveBook     the rule ends with the custom verb ":move"
  GET     /v1/{name=shelves/*/books/*}/reviews  bookstore.v1.Bookstore/ListReviews  the path ends where the rule goes on with "reviews"
`,
  });
});

test('explain takes a whole URL and a body, and says what would be refused', async (t) => {
  const explain = (...words: string[]) =>
    run(t, ['explain', NOWHERE, ...FAULT, '--json', ...words], { cwd: folder });
  const [created, refused, unmatched] = await Promise.all([
    explain('post', 'https://api.example.com/v1/items', '-d', '{"name":"a","total":"7"}'),
    explain('GET', '/v1/items/ü?count=x'),
    explain('PUT', '/v1/items/a'),
  ]);
  assert.equal(created.code, 0);
  assert.partialDeepStrictEqual(JSON.parse(created.out), {
    verb: 'POST',
    path: '/v1/items',
    match: { body: '*', bound: [], request: { name: 'a', total: '7' } },
  });
  assert.equal(refused.code, 0);
  assert.partialDeepStrictEqual(JSON.parse(refused.out), {
    path: '/v1/items/%C3%BC',
    match: {
      bound: [
        { field: 'name', value: 'ü', from: 'path' },
        { field: 'count', value: 'x', from: 'query' },
      ],
      refused: 'PG_INVALID_VALUE: count: expected a decimal integer, found "x"',
    },
  });
  assert.equal(unmatched.code, 1);
  assert.partialDeepStrictEqual(JSON.parse(unmatched.out), {
    refusal: '405: the path answers GET, HEAD',
    near: [{ verb: 'GET', template: '/v1/items/{name}', reason: 'it answers GET, not PUT' }],
  });
});

test('on an old Node one line says what is missing, exit code 2', async (t) => {
  const old = `Object.defineProperty(process, 'versions', { value: { node: '22.18.0' } });`;
  const node = ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
  const { code, out, err } = await run(t, ['check'], { node });
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /^polygate needs Node 22\.19 or newer; this is 22\.18\.0 \(.*\)\n$/);
});
