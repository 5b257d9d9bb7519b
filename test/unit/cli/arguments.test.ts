import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommand } from '../../../src/cli/arguments.ts';

const FILE = { kind: 'file', file: undefined };
const ADDRESS = 'grpc://127.0.0.1:50051';
const FROM_ADDRESS = { kind: 'address', address: ADDRESS, options: {} };

const RIGHT: readonly [line: string, command: unknown][] = [
  ['', { kind: 'serve', source: FILE, overrides: {} }],
  ['serve', { kind: 'serve', source: FILE, overrides: {} }],
  [
    'serve --config a.ts --host ::1 --port 0 --admin-port=9',
    {
      kind: 'serve',
      source: { kind: 'file', file: 'a.ts' },
      overrides: { host: '::1', port: 0, adminPort: 9 },
    },
  ],
  [
    '-p 80 -c a.ts',
    { kind: 'serve', source: { kind: 'file', file: 'a.ts' }, overrides: { port: 80 } },
  ],
  [ADDRESS, { kind: 'serve', source: FROM_ADDRESS, overrides: {} }],
  [`--port 1 ${ADDRESS}`, { kind: 'serve', source: FROM_ADDRESS, overrides: { port: 1 } }],
  [`serve ${ADDRESS}`, { kind: 'serve', source: FROM_ADDRESS, overrides: {} }],
  [
    'grpcs://api.example.com:443 --proto a.proto --proto b.proto --import-path p --rules r.yaml',
    {
      kind: 'serve',
      source: {
        kind: 'address',
        address: 'grpcs://api.example.com:443',
        options: { protos: ['a.proto', 'b.proto'], importPaths: ['p'], rules: 'r.yaml' },
      },
      overrides: {},
    },
  ],
  [
    `check ${ADDRESS} --descriptor-set x.binpb --json`,
    {
      kind: 'check',
      source: { kind: 'address', address: ADDRESS, options: { descriptorSet: 'x.binpb' } },
      json: true,
    },
  ],
  ['routes', { kind: 'routes', source: FILE, json: false }],
  [
    'explain get /v1/a?b=c',
    { kind: 'explain', source: FILE, json: false, verb: 'GET', url: '/v1/a?b=c', data: undefined },
  ],
  [
    `explain POST http://h/v1 -d {} ${ADDRESS}`,
    {
      kind: 'explain',
      source: FROM_ADDRESS,
      json: false,
      verb: 'POST',
      url: 'http://h/v1',
      data: '{}',
    },
  ],
  ['help', { kind: 'help' }],
  ['routes --help', { kind: 'help' }],
  ['-h', { kind: 'help' }],
  ['--version', { kind: 'version' }],
];
for (const [line, command] of RIGHT) {
  test(`polygate ${line}`, () => {
    assert.deepEqual(parseCommand(words(line)), command);
  });
}

const WRONG: readonly [line: string, message: string][] = [
  ['chekc', 'there is no command "chekc"; did you mean check?'],
  ['frobnicate', 'there is no command "frobnicate"; expected serve, check, routes, explain, help'],
  ['127.0.0.1:50051', '"127.0.0.1:50051" is no command; did you mean grpc://127.0.0.1:50051?'],
  ['--confg a', 'there is no option --confg; did you mean --config?'],
  ['--frobnicate', 'there is no option --frobnicate; --help lists them'],
  ['--__proto__', 'there is no option --__proto__; --help lists them'],
  ['-x', 'there is no option -x; --help lists them'],
  ['--port', '--port needs a value'],
  ['--config=', '--config needs a value'],
  [
    '--config --port 1',
    '--config needs a value, found "--port" (write --config=--port if that is it)',
  ],
  ['--help=x', '--help takes no value, found "x"'],
  ['--port http', '--port: expected a port from 0 to 65535, found "http"'],
  ['--port=-1', '--port: expected a port from 0 to 65535, found "-1"'],
  ['--admin-port 65536', '--admin-port: expected a port from 0 to 65535, found "65536"'],
  ['--port 1 --port 2', '--port is given more than once'],
  ['check --port 1', '--port goes with serve, not with check'],
  ['--json', '--json goes with check, routes, explain, not with serve'],
  ['serve now', 'serve takes no further word, found "now"'],
  [`${ADDRESS} grpc://b:1`, `one address at most, found ${ADDRESS} and grpc://b:1`],
  ['grpc://a', 'expected grpc://HOST:PORT or grpcs://HOST:PORT, found "grpc://a"'],
  ['grpc://a:1/b', 'expected grpc://HOST:PORT or grpcs://HOST:PORT, found "grpc://a:1/b"'],
  [
    `${ADDRESS} --config a.ts`,
    `either --config or ${ADDRESS}: with an address there is no configuration`,
  ],
  [`${ADDRESS} --proto a --descriptor-set b`, 'either --proto or --descriptor-set, not both'],
  [`${ADDRESS} --import-path a`, '--import-path is for the imports of --proto, which is not given'],
  [
    'check --proto a.proto',
    '--proto describes an upstream that is given as grpc://HOST:PORT; in a configuration it stands at the upstream',
  ],
  ['explain', 'expected explain VERB URL, as explain GET /v1/shelves; found nothing'],
  ['explain /v1/a', 'expected explain VERB URL, as explain GET /v1/shelves; found "/v1/a"'],
  [
    'explain /v1/a GET',
    'expected explain VERB URL, as explain GET /v1/shelves; found "/v1/a" "GET"',
  ],
  [
    'explain GET /a b',
    'expected explain VERB URL, as explain GET /v1/shelves; found "GET" "/a" "b"',
  ],
];
for (const [line, message] of WRONG) {
  test(`refused: polygate ${line}`, () => {
    assert.throws(() => parseCommand(words(line)), { name: 'UsageError', message });
  });
}

function words(line: string): string[] {
  return line === '' ? [] : line.split(' ');
}
