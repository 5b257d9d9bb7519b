import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Entry, exampleCall } from '../../../src/cli/example-call.ts';
import { inspect } from '../../../src/cli/inspect.ts';
import { describeUpstream } from '../../../src/cli/welcome.ts';
import { withFile } from '../../support/schema/load.ts';

const URL = 'http://127.0.0.1:8080';
const ADDRESS = 'grpc://127.0.0.1:1';

/** The table of a file with these methods of `s.S`; messages `In` and `Out` are there. */
function entriesOf(methods: string, more = ''): Promise<readonly Entry[]> {
  const proto = `syntax = "proto3";
package s;
import "google/api/annotations.proto";
enum Kind { KIND_UNSPECIFIED = 0; SMALL = 1; }
message Deep { int64 id = 1; bool on = 2; Kind kind = 3; }
message In { string name = 1; Deep deep = 2; }
message Out {}
service S { ${methods} }
${more}`;
  return withFile('s.proto', proto, async (directory) => {
    const source = { kind: 'address', address: ADDRESS, options: { protos: ['s.proto'] } } as const;
    const { generation } = await inspect(source, directory);
    return generation.table.entries();
  });
}

function rpc(name: string, option = '', output = 'Out'): string {
  return `rpc ${name}(In) returns (${output}) { ${option} }\n`;
}

function http(rule: string): string {
  return `option (google.api.http) = { ${rule} };`;
}

const EXAMPLES: readonly [title: string, methods: string, line: string | undefined][] = [
  [
    'a GET without variables, wherever it stands',
    rpc('Get', http('get: "/v1/{name}"')) + rpc('List', http('get: "/v1"')),
    `curl ${URL}/v1`,
  ],
  [
    'a unary GET before one that streams',
    rpc('Watch', http('get: "/v1:watch"'), 'stream Out') + rpc('List', http('get: "/v1"')),
    `curl ${URL}/v1`,
  ],
  [
    'a GET with variables has values that their types take',
    rpc('Get', http('get: "/v1/{name=shelves/*}/{deep.id}/{deep.on}/{deep.kind}:get"')),
    `curl ${URL}/v1/shelves/1/1/true/KIND_UNSPECIFIED:get`,
  ],
  ['without GET, an empty message', rpc('Say'), `curl --json '{}' ${URL}/s.S/Say`],
  [
    'what reads before what may change',
    rpc('Do') + rpc('GetIt'),
    `curl --json '{}' ${URL}/s.S/GetIt`,
  ],
  [
    'what is declared to have no side effects reads',
    rpc('Do') + rpc('Clearance', 'option idempotency_level = NO_SIDE_EFFECTS;'),
    `curl --json '{}' ${URL}/s.S/Clearance`,
  ],
  ['what removes comes last', rpc('DeleteAll') + rpc('Do'), `curl --json '{}' ${URL}/s.S/Do`],
  ['nothing for streams of the client', 'rpc Up(stream In) returns (Out);', undefined],
];
for (const [title, methods, line] of EXAMPLES) {
  test(`the line to paste: ${title}`, async () => {
    assert.equal(exampleCall(await entriesOf(methods), URL), line);
  });
}

test('methods with rules are listed by them, those without by their path', async () => {
  const entries = await entriesOf(rpc('List', http('get: "/v1"')) + rpc('Do', '', 'stream Out'));
  assert.equal(
    describeUpstream(entries, URL, ADDRESS),
    `
  GET   /v1      s.S/List
  POST  /s.S/Do  s.S/Do (server_stream)

Every method also answers POST /pkg.Service/Method with the request as JSON.

curl ${URL}/v1
`,
  );
});

test('without any http rule it says what works and what would change it', async () => {
  assert.equal(
    describeUpstream(await entriesOf(rpc('Say')), URL, ADDRESS),
    `
  POST  /s.S/Say  s.S/Say

${ADDRESS} has no http rules (google.api.http): only POST /pkg.Service/Method works, with the request as JSON.
REST paths come from --proto FILE with annotations, or from --rules FILE (a google.api.Service YAML file).

curl --json '{}' ${URL}/s.S/Say
`,
  );
});

test('a long list is cut', async () => {
  const methods = Array.from({ length: 42 }, (_, at) => rpc(`M${at}`)).join('');
  const text = describeUpstream(await entriesOf(methods), URL, ADDRESS);
  assert.match(text, /s\.S\/M39\n {2}and 2 more routes: polygate routes grpc:\/\/127\.0\.0\.1:1\n/);
});

test('a server that lists nothing', () => {
  assert.equal(describeUpstream([], URL, ADDRESS), `${ADDRESS} lists no method\n`);
});

test('services of gRPC itself come last', async () => {
  const entries = await entriesOf(rpc('Say'));
  const own = entries.map((entry) => {
    const route = { ...entry.target.route, name: 'grpc.x.X/Say', rpc: '/grpc.x.X/Say' };
    return { ...entry, target: { ...entry.target, route } };
  });
  const text = describeUpstream([...own, ...entries], URL, ADDRESS);
  assert.match(text, /s\.S\/Say\n[^\n]*grpc\.x\.X\/Say\n\n/);
});
