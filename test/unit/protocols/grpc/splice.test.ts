/** gRPC to gRPC: chunks are handed through both ways, checked on the way, and every failure ends the call on both sides. */
import assert from 'node:assert/strict';
import type { ServerHttp2Stream } from 'node:http2';
import { describe, test, type TestContext } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Body, Handler, Routed } from '../../../../src/call/types.ts';
import { startGrpcFront, type GrpcFront } from '../../../support/grpc-front.ts';
import { type RawGrpcClient, rawGrpcClient } from '../../../support/raw-grpc-client.ts';
import {
  encodeItem,
  envelope,
  respond,
  type ScriptedGrpc,
  startScriptedGrpc,
} from '../../../support/scripted-grpc.ts';

const CANCEL = 8;
const INTERNAL_ERROR = 2;
const NO_GZIP = enveloped(1, Buffer.from('this is no gzip'));
const GZIP = enveloped(1, gzipSync(encodeItem({ name: 'packed' })));
const PLAIN = envelope({ name: 'packed' });

interface Pair {
  readonly peer: ScriptedGrpc;
  readonly front: GrpcFront;
  readonly client: RawGrpcClient;
}

async function startPair(t: TestContext, around?: typeof readingMessages): Promise<Pair> {
  const peer = await startScriptedGrpc();
  t.after(() => peer.close());
  const front = await startGrpcFront(t, peer.port, around);
  return { peer, front, client: rawGrpcClient(t, front.port) };
}

/** What a policy does that looks into messages: bodies without envelopes. */
function readingMessages(next: Handler<Routed>): Handler<Routed> {
  const only = (body: Body): Body => ({
    single: body.single,
    next: () => body.next(),
    cancel: (reason) => body.cancel(reason),
  });
  return async (call) => {
    Object.defineProperty(call, 'body', { value: only(call.body) });
    const reply = await next(call);
    return { metadata: reply.metadata, body: only(reply.body), end: reply.end };
  };
}

/** The peer answers with `messages` as they are. */
function answering(
  messages: readonly Buffer[],
  encoding?: string,
): (call: { readonly stream: ServerHttp2Stream }) => void {
  return ({ stream }) => {
    stream.resume();
    const headers = encoding === undefined ? {} : { 'grpc-encoding': encoding };
    respond(stream, { 'grpc-status': '0' }, headers);
    for (const message of messages) stream.write(message);
    stream.end();
  };
}

/** Collects what the peer gets, as it came. */
function received(peer: ScriptedGrpc): Promise<{ bytes: Buffer; encoding: unknown }> {
  return new Promise((resolve) => {
    peer.script = ({ stream, headers }) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        resolve({ bytes: Buffer.concat(chunks), encoding: headers['grpc-encoding'] });
        answering([envelope({})])({ stream });
      });
    };
  });
}

describe('nobody looks inside', () => {
  for (const method of ['Get', 'Watch', 'Upload', 'Talk']) {
    test(`${method}: compressed bytes that are none pass both ways, with their encoding`, async (t) => {
      const { peer, client } = await startPair(t);
      const seen: Buffer[] = [];
      peer.script = ({ stream, headers }) => {
        assert.equal(headers['grpc-encoding'], 'gzip');
        stream.on('data', (chunk: Buffer) => seen.push(chunk));
        stream.on('end', () => answering([NO_GZIP], 'gzip')({ stream }));
      };
      const headers = { 'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'identity, gzip' };
      const answer = await client.send(method, NO_GZIP, headers);
      assert.deepEqual(Buffer.concat(seen), NO_GZIP);
      assert.deepEqual(answer.body, NO_GZIP);
      assert.equal(answer.headers['grpc-encoding'], 'gzip');
      assert.equal(answer.end['grpc-status'], '0');
    });

    test(`${method}: a policy that reads messages finds that they are none`, async (t) => {
      const { peer, client } = await startPair(t, readingMessages);
      peer.script = answering([envelope({})]);
      const answer = await client.send(method, NO_GZIP, { 'grpc-encoding': 'gzip' });
      assert.equal(answer.end['grpc-status'], '13');
      assert.equal(
        answer.end['grpc-message'],
        'the client sent a message that cannot be decompressed',
      );
    });

    test(`${method}: a policy that reads messages gets good ones inflated, and they go on plain`, async (t) => {
      const { peer, client } = await startPair(t, readingMessages);
      const request = received(peer);
      const answer = await client.send(method, GZIP, { 'grpc-encoding': 'gzip' });
      assert.deepEqual(await request, { bytes: PLAIN, encoding: undefined });
      assert.deepEqual([answer.end['grpc-status'], answer.body], ['0', envelope({})]);
    });

    test(`${method}: a client that does not take gzip gets the answer plain`, async (t) => {
      const { peer, client } = await startPair(t);
      peer.script = answering([GZIP], 'gzip');
      const answer = await client.send(method, PLAIN, { 'grpc-accept-encoding': 'identity' });
      assert.deepEqual([answer.end['grpc-status'], answer.body], ['0', PLAIN]);
      assert.equal(answer.headers['grpc-encoding'], undefined);
    });
  }

  test('messages cut anywhere arrive as they were', async (t) => {
    const { peer, client } = await startPair(t);
    const stream = Buffer.concat([PLAIN, envelope({}), envelope({ count: 7 }), PLAIN]);
    const request = received(peer);
    const call = client.open('Talk');
    for (const byte of stream) call.stream.write(Buffer.of(byte));
    call.stream.end();
    assert.deepEqual((await request).bytes, stream);
    peer.script = (scripted) => {
      scripted.stream.resume();
      respond(scripted.stream, { 'grpc-status': '0' });
      for (const byte of stream) scripted.stream.write(Buffer.of(byte));
      scripted.stream.end();
    };
    assert.deepEqual((await client.send('Watch', PLAIN)).body, stream);
  });
});

describe('what the service does wrong', () => {
  for (const [name, rest, code, message] of [
    ['bad flags', enveloped(4, Buffer.of(1)), '13', /a flag that gRPC does not have/],
    ['the flag without an encoding', GZIP, '13', /without saying how/],
    ['oversize', enveloped(0, Buffer.alloc(100_001)), '8', /too large/],
    ['a truncated end', PLAIN.subarray(0, 7), '13', /cut off/],
  ] as const) {
    test(`${name} behind a good message`, async (t) => {
      const { peer, client, front } = await startPair(t);
      peer.script = answering([PLAIN, rest]);
      const answer = await client.send('Watch', PLAIN);
      assert.equal(answer.httpStatus, 200);
      assert.equal(answer.end['grpc-status'], code);
      assert.match(String(answer.end['grpc-message']), message);
      await front.ended(1);
      assert.equal(front.outcomes[0]?.error?.side, 'upstream');
      assert.equal(peer.open, 0);
    });
  }

  test('a reset in the middle is UNAVAILABLE behind what came', async (t) => {
    const { peer, client } = await startPair(t);
    const sent = Promise.withResolvers<ServerHttp2Stream>();
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.write(PLAIN, () => sent.resolve(stream));
    };
    const call = client.open('Talk');
    call.stream.write(PLAIN);
    await new Promise((resolve) => call.stream.once('data', resolve));
    (await sent.promise).close(INTERNAL_ERROR);
    const { end, body } = await call.answer;
    assert.deepEqual([end['grpc-status'], body], ['14', PLAIN]);
  });

  test('an error of the service behind messages passes with its message, details and trailers', async (t) => {
    const { peer, client } = await startPair(t);
    const trailers = {
      'grpc-status': '9',
      'grpc-message': 'n%C3%B6: 100%25',
      'x-why': 'because',
      'grpc-status-details-bin': 'CAkSCW7DtjogMTAwJQ',
    };
    peer.script = ({ stream }) => {
      respond(stream, trailers);
      stream.end(PLAIN);
    };
    const { end, body } = await client.send('Watch', PLAIN);
    assert.deepEqual(body, PLAIN);
    assert.equal(end['grpc-status'], '9');
    assert.equal(end['grpc-message'], 'n%C3%B6: 100%25');
    assert.equal(end['x-why'], 'because');
  });
});

describe('who leaves', () => {
  for (const method of ['Watch', 'Talk']) {
    test(`${method}: a client that resets its stream cancels that of the service`, async (t) => {
      const { peer, client, front } = await startPair(t);
      const closed = Promise.withResolvers<number | undefined>();
      peer.script = ({ stream }) => {
        stream.on('close', () => closed.resolve(stream.rstCode));
        respond(stream, { 'grpc-status': '0' });
        stream.write(PLAIN);
      };
      const call = client.open(method);
      call.stream.write(PLAIN);
      if (method === 'Watch') call.stream.end();
      await new Promise((resolve) => call.stream.once('data', resolve));
      call.stream.close(CANCEL);
      assert.equal(await closed.promise, CANCEL);
      await front.ended(1);
      assert.equal(front.outcomes[0]?.error?.pg, 'PG_CLIENT_GONE');
      assert.equal(peer.open, 0);
    });
  }

  test('a service that has answered an upload before its end', async (t) => {
    const { peer, client } = await startPair(t);
    peer.script = ({ stream }) => {
      stream.once('data', () => {
        respond(stream, { 'grpc-status': '0' });
        stream.end(envelope({ count: 1 }));
      });
    };
    const call = client.open('Upload');
    call.stream.write(PLAIN);
    const { end, body } = await call.answer;
    assert.deepEqual([end['grpc-status'], body], ['0', envelope({ count: 1 })]);
  });

  test('a deadline in the middle of a stream', async (t) => {
    const { peer, client } = await startPair(t);
    const timeouts: unknown[] = [];
    peer.script = ({ stream, headers }) => {
      timeouts.push(headers['grpc-timeout']);
      respond(stream, { 'grpc-status': '0' });
      stream.write(PLAIN);
    };
    const answer = await client.send('Watch', PLAIN, { 'grpc-timeout': '50m' });
    assert.deepEqual([answer.end['grpc-status'], answer.body], ['4', PLAIN]);
    assert.match(String(timeouts[0]), /^\d{1,2}m$/);
    assert.equal(peer.open, 0);
  });
});

describe('a slow reader slows the sender', () => {
  const MESSAGE = enveloped(0, Buffer.alloc(50_000, 1));
  const TOTAL = 400;

  test('a client that does not read', async (t) => {
    const { peer, client } = await startPair(t);
    let written = 0;
    const stalled = Promise.withResolvers<void>();
    peer.script = async ({ stream }) => {
      stream.resume();
      respond(stream, { 'grpc-status': '0' });
      for (; written < TOTAL; written++) {
        if (stream.write(MESSAGE)) continue;
        const drained = new Promise((resolve) => stream.once('drain', resolve));
        setImmediate(() => setImmediate(() => setImmediate(stalled.resolve)));
        await drained;
      }
      stream.end();
    };
    const call = client.open('Watch');
    call.stream.pause();
    call.stream.end(PLAIN);
    await call.head;
    await stalled.promise;
    assert.ok(written * MESSAGE.length < 8_000_000, `${written} messages were taken`);
    call.stream.resume();
    const answer = await call.answer;
    assert.equal(answer.body.length, TOTAL * MESSAGE.length);
    assert.equal(answer.end['grpc-status'], '0');
  });

  test('a service that does not read', async (t) => {
    const { peer, client } = await startPair(t);
    const begun = Promise.withResolvers<ServerHttp2Stream>();
    let got = 0;
    peer.script = ({ stream }) => begun.resolve(stream);
    const call = client.open('Upload');
    let acknowledged = 0;
    for (let i = 0; i < TOTAL; i++) call.stream.write(MESSAGE, () => acknowledged++);
    call.stream.end();
    const stream = await begun.promise;
    const before = acknowledged;
    assert.ok(before * MESSAGE.length < 8_000_000, `${before} messages were taken`);
    stream.on('data', (chunk: Buffer) => (got += chunk.length));
    stream.on('end', () => answering([envelope({})])({ stream }));
    const answer = await call.answer;
    assert.equal(answer.end['grpc-status'], '0');
    assert.equal(got, TOTAL * MESSAGE.length);
  });
});

test('what is compressed by the service is what the client inflates', async (t) => {
  const { peer, client } = await startPair(t);
  peer.script = answering([GZIP, PLAIN], 'gzip');
  const { body } = await client.send('Watch', PLAIN, { 'grpc-accept-encoding': 'gzip' });
  assert.deepEqual(body, Buffer.concat([GZIP, PLAIN]));
  assert.deepEqual(gunzipSync(body.subarray(5, GZIP.length)), PLAIN.subarray(5));
});

function enveloped(flag: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
