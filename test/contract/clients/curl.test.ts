/** curl, the command, with no library of RPC: Connect and gRPC-Web as a person would type them. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type CurlAnswer, runCurl } from '../../support/curl.ts';
import { startFaultGateway } from '../../support/fault-gateway.ts';
import { envelope, respondOnly, type ScriptedGrpc } from '../../support/scripted-grpc.ts';
import { encodeDetails } from './details.ts';
import { DETAIL } from './service.ts';
import { makeSecurity } from './world.ts';

interface Shell {
  readonly peer: ScriptedGrpc;
  /** The body that curl prints for a call of this method, given these words and this standard input. */
  readonly run: (method: string, words: string, input?: string) => Promise<CurlAnswer>;
}

const security = makeSecurity();

const CASES: Readonly<Record<string, (shell: Shell) => Promise<void>>> = {
  async 'Connect, a unary call of JSON'({ run }) {
    const words = `-H 'connect-protocol-version: 1' -H 'content-type: application/json' -d '{"name":"ü"}'`;
    const { status, output } = await run('Get', words);
    assert.deepEqual([status, JSON.parse(output)], [200, { name: 'ü' }]);
  },
  async 'Connect, a unary call of protobuf'({ run }) {
    const words = `-H 'connect-protocol-version: 1' -H 'content-type: application/proto' --data-binary @-`;
    const { status, output } = await run('Get', words, String.raw`\012\004good`);
    assert.deepEqual([status, output], [200, '\n\u0004good']);
  },
  async 'Connect, a GET'({ run }) {
    const query = `-G -d connect=v1 -d encoding=json --data-urlencode 'message={"name":"ü"}'`;
    const { status, output } = await run('Get', query);
    assert.deepEqual([status, JSON.parse(output)], [200, { name: 'ü' }]);
  },
  async 'Connect, an error with its details'({ run, peer }) {
    peer.script = ({ stream }) => {
      stream.resume();
      respondOnly(stream, {
        'grpc-status': '5',
        'grpc-message': 'gone',
        'grpc-status-details-bin': encodeDetails(5, 'gone', DETAIL),
      });
    };
    const words = `-H 'connect-protocol-version: 1' -H 'content-type: application/json' -d '{}'`;
    const { status, output } = await run('Create', words);
    const { code, message, details } = JSON.parse(output) as {
      code: string;
      message: string;
      details: { type: string; debug?: unknown }[];
    };
    assert.deepEqual([status, code, message], [404, 'not_found', 'gone']);
    assert.deepEqual(
      details.map(({ type }) => type),
      ['google.rpc.ErrorInfo'],
    );
  },
  async 'Connect, a stream of JSON'({ run }) {
    const words = `-H 'content-type: application/connect+json' --data-binary @-`;
    const { status, output } = await run(
      'Watch',
      words,
      String.raw`\000\000\000\000\014{"name":"a"}`,
    );
    assert.equal(status, 200);
    assert.equal(output, '\0\0\0\0\u000c{"name":"a"}\u0002\0\0\0\u0002{}');
  },
  async 'gRPC-Web in text'({ run }) {
    const message = envelope({ name: 'good' }).toString('base64');
    const words = `-H 'content-type: application/grpc-web-text' -H 'x-grpc-web: 1' -d '${message}'`;
    const { status, output } = await run('Get', words);
    assert.equal(status, 200);
    const parts = output.match(/[^=]+=*/g) ?? [];
    const bytes = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
    const expected = envelope({ name: 'good' });
    assert.deepEqual(bytes.subarray(0, expected.length), expected);
    assert.match(
      bytes.subarray(expected.length).toString('latin1'),
      /^\u0080.{4}grpc-status:0\r\n/s,
    );
  },
};

for (const [name, tls, flags] of [
  ['--http1.1', false, '--http1.1'],
  ['--http2-prior-knowledge', false, '--http2-prior-knowledge'],
  ['--http1.1, TLS', true, '--http1.1'],
  ['--http2, TLS', true, '--http2'],
] as const) {
  test(`curl ${name}`, async (t) => {
    for (const [title, check] of Object.entries(CASES)) {
      await t.test(title, async (t) => check(await openShell(t, tls, flags)));
    }
  });
}

async function openShell(t: TestContext, tls: boolean, flags: string): Promise<Shell> {
  const { cert, key, caFile } = security;
  const { gateway, peer } = await startFaultGateway(
    t,
    tls ? { listen: { tls: { cert, key } } } : {},
  );
  const origin = `${tls ? 'https' : 'http'}://127.0.0.1:${gateway.port}`;
  const curl = `curl ${flags} ${tls ? `--cacert ${caFile} ` : ''}${origin}/fault.v1.Fault`;
  return {
    peer,
    async run(method, words, input) {
      const stdin = input === undefined ? '' : `printf '${input}' | `;
      const answer = await runCurl(`${stdin}${curl}/${method} ${words}`);
      assert.equal(peer.calls, 1);
      await peer.idle();
      return answer;
    },
  };
}
