/**
 * The vectors of vectors/*.json: what google/api/http.proto says, case by case, through HTTP to a grpc-js service. Requests go out as raw
 * bytes, so no client normalises them. The form of the files is described in vectors/README.md.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createGateway, type Gateway, type GatewayConfig } from 'polygate';
import { reasonOf } from '../support/fault-gateway.ts';
import { memoryLog } from '../support/memory-log.ts';
import { type RawAnswer, rawRequest, request } from '../support/raw-http.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';

interface VectorFile {
  /** By method: the annotated rule and its additional bindings, in the form of a google.api.Service file. */
  readonly rules: Readonly<Record<string, readonly object[]>>;
  readonly strictness?: GatewayConfig['strictness'];
  readonly cases: readonly Vector[];
}

interface Vector {
  readonly name: string;
  /** A sentence of google/api/http.proto or httpbody.proto, word by word. */
  readonly source: string;
  /** The heading of docs/transcoding.md that decides what the sentence leaves open. */
  readonly decision?: string;
  /** As `GET /v1/x?y=z`. */
  readonly send: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or text as it is. */
  readonly body?: unknown;
  readonly text?: string;
  readonly hex?: string;
  /** What the service answers; default: an empty message. */
  readonly answer?: object;
  readonly expect: Accepted | Refused;
}

interface Accepted {
  /** The method and the message or messages that arrived, as proto-loader reads them. */
  readonly rpc: string;
  readonly message?: unknown;
  readonly messages?: readonly unknown[];
  /** The answer's body, as JSON or as text. */
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Refused {
  readonly status: number;
  readonly pg: string;
  /** The fields of google.rpc.BadRequest. */
  readonly fields?: readonly string[];
  /** A part of the message. */
  readonly says?: string;
  readonly allow?: string;
}

const ROOT = new URL('../..', import.meta.url).pathname;
const FOLDER = new URL('vectors', import.meta.url).pathname;
const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => ({
    name,
    vectors: JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as VectorFile,
  }));
const scratch = mkdtempSync(join(tmpdir(), 'polygate-vectors-'));
let recorder: Recorder;

before(async () => {
  recorder = await startRecorder();
});
after(() => {
  recorder.close();
  rmSync(scratch, { recursive: true });
});

for (const { name, vectors } of files) {
  describe(name, () => {
    let gateway: Gateway;
    before(async () => {
      gateway = await start(name, vectors);
    });
    after(() => gateway.close(true));
    for (const vector of vectors.cases) {
      test(vector.name, () => run(vector, gateway));
    }
  });
}

describe('the vectors themselves', () => {
  const cases = files.flatMap(({ vectors }) => vectors.cases);

  test('there are at least 150, and at least 50 of them are refusals', () => {
    assert.ok(cases.length >= 150, `${cases.length} cases`);
    const refused = cases.filter(({ expect }) => 'pg' in expect);
    assert.ok(refused.length >= 50, `${refused.length} refusals`);
  });

  test('each quotes its source word by word', () => {
    const text = ['http', 'httpbody']
      .map((name) => readFileSync(join(ROOT, `protos/google/api/${name}.proto`), 'utf8'))
      .join('\n')
      .replaceAll(/^ *\/\/ ?/gm, '')
      .replaceAll(/\s+/g, ' ');
    for (const { name, source } of cases) {
      assert.ok(text.includes(source.replaceAll(/\s+/g, ' ')), `${name}: ${source}`);
    }
  });

  test('each decision is a heading of docs/transcoding.md', () => {
    const page = readFileSync(join(ROOT, 'docs/transcoding.md'), 'utf8');
    const headings = new Set(page.match(/^#+ .*$/gm)?.map((line) => line.replace(/^#+ /, '')));
    for (const { name, decision } of cases) {
      if (decision !== undefined) assert.ok(headings.has(decision), `${name}: ${decision}`);
    }
  });
});

/** A gateway with the rules of one file, given as a google.api.Service file (JSON is YAML). */
async function start(name: string, { rules, strictness }: VectorFile): Promise<Gateway> {
  const path = join(scratch, `${name}.yaml`);
  const list = Object.entries(rules).map(([method, [first, ...more]]) => ({
    selector: `vectors.v1.Vectors.${method}`,
    ...first,
    additional_bindings: more,
  }));
  writeFileSync(path, JSON.stringify({ type: 'google.api.Service', http: { rules: list } }));
  return createGateway(
    {
      // The longest query of the cases is longer than the default bound of a target.
      listen: { port: 0, limits: { target: '16kb' } },
      admin: false,
      ...(strictness !== undefined && { strictness }),
      upstreams: {
        vectors: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${recorder.port}`],
          schema: {
            protos: ['vectors/v1/vectors.proto'],
            importPaths: [join(ROOT, 'test/support/protos')],
          },
          rules: path,
        },
      },
      routes: [{ services: '*', upstream: 'vectors' }],
    },
    { log: memoryLog(), baseDir: ROOT },
  );
}

async function run(vector: Vector, gateway: Gateway): Promise<void> {
  recorder.calls.length = 0;
  recorder.answer = vector.answer ?? {};
  const answer = await send(vector, gateway);
  const { expect } = vector;
  if ('pg' in expect) {
    checkRefusal(answer, expect);
    await checkNextCall(gateway);
  } else {
    checkAccepted(answer, expect);
  }
}

function send(
  { send: line, headers, body, text, hex }: Vector,
  gateway: Gateway,
): Promise<RawAnswer> {
  const space = line.indexOf(' ');
  const bytes = hex === undefined ? (text ?? JSON.stringify(body)) : Buffer.from(hex, 'hex');
  const options = {
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(bytes !== undefined && { body: bytes }),
  };
  return rawRequest(gateway.port, request(line.slice(0, space), line.slice(space + 1), options));
}

function checkAccepted(answer: RawAnswer, expect: Accepted): void {
  assert.equal(answer.status, 200, answer.body);
  const messages = expect.messages ?? [expect.message];
  assert.deepEqual(recorder.calls, [{ rpc: expect.rpc, messages }]);
  if (expect.json !== undefined) assert.deepEqual(JSON.parse(answer.body), expect.json);
  if (expect.text !== undefined) assert.equal(answer.body, expect.text);
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    assert.equal(answer.headers[name], value, name);
  }
}

function checkRefusal(answer: RawAnswer, expect: Refused): void {
  assert.equal(answer.status, expect.status, answer.body);
  assert.equal(reasonOf(answer), expect.pg, answer.body);
  assert.deepEqual(recorder.calls, [], 'nothing may reach the service');
  const { message, details } = JSON.parse(answer.body) as {
    message: string;
    details: { fieldViolations?: { field?: string }[] }[];
  };
  if (expect.fields !== undefined) {
    const fields = details.flatMap(({ fieldViolations = [] }) =>
      fieldViolations.map(({ field = '' }) => field),
    );
    assert.deepEqual(fields, expect.fields, answer.body);
  }
  if (expect.says !== undefined) assert.ok(message.includes(expect.says), message);
  if (expect.allow !== undefined) assert.equal(answer.headers['allow'], expect.allow);
}

/** A refusal leaves nothing behind: the next good call is answered. */
async function checkNextCall(gateway: Gateway): Promise<void> {
  recorder.answer = {};
  const good = request('POST', '/vectors.v1.Vectors/Nothing', { body: '{}' });
  const answer = await rawRequest(gateway.port, good);
  assert.deepEqual([answer.status, answer.body], [200, '{}']);
  assert.deepEqual(recorder.calls, [{ rpc: 'Nothing', messages: [{}] }]);
}
