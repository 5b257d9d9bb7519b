/** google.api.HttpBody over RPC protocols is a message as any other: only REST makes bytes of it (google/api/httpbody.proto). */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { createGateway } from 'polygate';
import { memoryLog } from '../support/memory-log.ts';
import { rawGrpcClient } from '../support/raw-grpc-client.ts';
import { rawRequest, request } from '../support/raw-http.ts';
import { respond, type ScriptedGrpc, startScriptedGrpc } from '../support/scripted-grpc.ts';

/** `{ contentType: 'image/png', data: 00 01 02 }` in protobuf. */
const PROTO = Buffer.from('\x0a\x09image/png\x12\x03\x00\x01\x02', 'latin1');
const JSON_FORM = { contentType: 'image/png', data: 'AAEC' };

function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

async function start(t: TestContext): Promise<{ port: number; peer: ScriptedGrpc; got: Buffer[] }> {
  const peer = await startScriptedGrpc();
  t.after(() => peer.close());
  const got: Buffer[] = [];
  // Sends back what came, as it came.
  peer.script = ({ stream }) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      got.push(Buffer.concat(chunks));
      respond(stream, { 'grpc-status': '0' });
      stream.end(Buffer.concat(chunks));
    });
  };
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${peer.port}`],
          schema: { protos: ['vectors/v1/vectors.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: '*', upstream: 'peer' }],
    },
    { log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(async () => void (await gateway.close(true)));
  return { port: gateway.port, peer, got };
}

describe('google.api.HttpBody', () => {
  for (const type of ['application/grpc+json', 'application/grpc-web+json']) {
    test(`${type} has it as JSON`, async (t) => {
      const { port, peer, got } = await start(t);
      const json = Buffer.from(JSON.stringify(JSON_FORM));
      const client = rawGrpcClient(t, port);
      const headers = { 'content-type': type };
      const { body } = await client.send('/vectors.v1.Vectors/Send', framed(json), headers);
      assert.deepEqual(got, [framed(PROTO)]);
      assert.deepEqual(body.subarray(5, 5 + body.readUInt32BE(1)), json);
      assert.equal(peer.calls, 1);
    });
  }

  test('Connect has it as JSON, with the type of JSON', async (t) => {
    const { port, got } = await start(t);
    const headers = { 'content-type': 'application/json', 'connect-protocol-version': '1' };
    const body = JSON.stringify(JSON_FORM);
    const post = request('POST', '/vectors.v1.Vectors/Send', { headers, body });
    const answer = await rawRequest(port, post);
    assert.deepEqual(got, [framed(PROTO)]);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(answer.body), JSON_FORM);
  });

  test('Connect refuses what is none, as of every message', async (t) => {
    const { port, peer } = await start(t);
    const headers = { 'content-type': 'application/json', 'connect-protocol-version': '1' };
    const post = request('POST', '/vectors.v1.Vectors/Send', { headers, body: '{"dat":"AAEC"}' });
    const answer = await rawRequest(port, post);
    assert.equal(answer.status, 400);
    assert.match(answer.body, /did you mean \\"data\\"/);
    assert.equal(peer.calls, 0);
  });

  test('protobuf is handed through', async (t) => {
    const { port, got } = await start(t);
    const client = rawGrpcClient(t, port);
    const headers = { 'content-type': 'application/proto' };
    const { body } = await client.send('/vectors.v1.Vectors/Send', PROTO, headers);
    assert.deepEqual([got, body], [[framed(PROTO)], PROTO]);
  });

  test('REST has its bytes', async (t) => {
    const { port, got } = await start(t);
    const post = request('POST', '/vectors.v1.Vectors/Send', {
      headers: { 'content-type': 'image/png' },
      body: Buffer.from([0, 1, 2]),
    });
    const answer = await rawRequest(port, post);
    assert.deepEqual(got, [framed(PROTO)]);
    assert.deepEqual([answer.headers['content-type'], answer.body], ['image/png', '\0\x01\x02']);
  });
});
