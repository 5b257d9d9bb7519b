/** Requests of gRPC clients that cannot be served: what the client is told, and that the service never hears of them. */
import assert from 'node:assert/strict';
import type { OutgoingHttpHeaders } from 'node:http2';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { FRONT_MESSAGE_BYTES, type StartGrpcFront } from '../../support/grpc-front.ts';
import { rawGrpcClient } from '../../support/raw-grpc-client.ts';
import { encodeItem, envelope, startScriptedGrpc } from '../../support/scripted-grpc.ts';

const OK = 0;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;
const CANCEL = 8;

interface Bad {
  readonly name: string;
  readonly body: Uint8Array;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly code: number;
  readonly reason: string;
  readonly httpStatus?: number;
  /** Headers that the answer has besides. */
  readonly has?: Readonly<Record<string, string>>;
}

const good = envelope({ name: 'good' });
const packed = enveloped(1, gzipSync(encodeItem({ name: 'packed' })));
const large = enveloped(0, Buffer.alloc(FRONT_MESSAGE_BYTES + 1));

const BAD: readonly Bad[] = [
  {
    name: 'bad flags',
    body: enveloped(2, encodeItem({})),
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  {
    name: 'bad flags in a stream',
    method: 'Upload',
    body: enveloped(0x80, encodeItem({})),
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  { name: 'oversize', body: large, code: RESOURCE_EXHAUSTED, reason: 'PG_BODY_TOO_LARGE' },
  {
    name: 'oversize by its head alone',
    body: large.subarray(0, 5),
    code: RESOURCE_EXHAUSTED,
    reason: 'PG_BODY_TOO_LARGE',
  },
  {
    name: 'oversize in a stream',
    method: 'Talk',
    body: large,
    code: RESOURCE_EXHAUSTED,
    reason: 'PG_BODY_TOO_LARGE',
  },
  {
    name: 'truncated in the message',
    body: good.subarray(0, good.length - 1),
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  {
    name: 'truncated in the head',
    body: good.subarray(0, 3),
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  { name: 'missing message', body: Buffer.alloc(0), code: UNIMPLEMENTED, reason: 'PG_CARDINALITY' },
  {
    name: 'missing message for a server stream',
    method: 'Watch',
    body: Buffer.alloc(0),
    code: UNIMPLEMENTED,
    reason: 'PG_CARDINALITY',
  },
  {
    name: 'two messages for unary',
    body: Buffer.concat([good, good]),
    code: UNIMPLEMENTED,
    reason: 'PG_CARDINALITY',
  },
  {
    name: 'a message and a half for unary',
    body: Buffer.concat([good, good.subarray(0, 4)]),
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  {
    name: 'bad timeout',
    body: good,
    headers: { 'grpc-timeout': '100' },
    code: INVALID_ARGUMENT,
    reason: 'PG_BAD_TIMEOUT',
  },
  {
    name: 'a timeout of nine digits',
    body: good,
    headers: { 'grpc-timeout': '123456789m' },
    code: INVALID_ARGUMENT,
    reason: 'PG_BAD_TIMEOUT',
  },
  {
    name: 'unknown method',
    method: 'Nothing',
    body: good,
    code: UNIMPLEMENTED,
    reason: 'PG_METHOD_NOT_FOUND',
  },
  {
    name: 'unknown service',
    method: '/other.v1.Fault/Get',
    body: good,
    code: UNIMPLEMENTED,
    reason: 'PG_METHOD_NOT_FOUND',
  },
  {
    name: 'no path of a method',
    method: '/',
    body: good,
    code: UNIMPLEMENTED,
    reason: 'PG_METHOD_NOT_FOUND',
  },
  {
    name: 'wrong content type: another codec',
    body: good,
    headers: { 'content-type': 'application/grpc+thrift' },
    code: INVALID_ARGUMENT,
    reason: 'PG_UNSUPPORTED_MEDIA_TYPE',
    httpStatus: 415,
  },
  {
    name: 'wrong content type: a browser',
    body: good,
    headers: { 'content-type': 'application/grpc-web+proto' },
    code: INVALID_ARGUMENT,
    reason: 'PG_UNSUPPORTED_MEDIA_TYPE',
    httpStatus: 415,
  },
  {
    name: 'wrong verb',
    body: good,
    headers: { ':method': 'PUT' },
    code: UNIMPLEMENTED,
    reason: 'PG_METHOD_NOT_ALLOWED',
    httpStatus: 405,
    has: { allow: 'POST' },
  },
  { name: 'compressed without encoding', body: packed, code: INTERNAL, reason: 'PG_BAD_ENVELOPE' },
  {
    name: 'compressed with identity',
    body: packed,
    headers: { 'grpc-encoding': 'identity' },
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  {
    name: 'compressed without encoding in a stream',
    method: 'Upload',
    body: packed,
    code: INTERNAL,
    reason: 'PG_BAD_ENVELOPE',
  },
  {
    name: 'an encoding that is not understood',
    body: packed,
    headers: { 'grpc-encoding': 'snappy' },
    code: UNIMPLEMENTED,
    reason: 'PG_UNKNOWN_COMPRESSION',
    has: { 'grpc-accept-encoding': 'identity,br,zstd,gzip,deflate' },
  },
];

export function requestCases(startFront: StartGrpcFront): void {
  describe('refused before the service hears of it', () => {
    for (const {
      name,
      body,
      method = 'Get',
      headers,
      code,
      reason,
      httpStatus = 200,
      has,
    } of BAD) {
      test(name, async (t) => {
        const peer = await startScriptedGrpc();
        t.after(() => peer.close());
        const front = await startFront(t, peer.port);
        const client = rawGrpcClient(t, front.port);
        const answer = await client.send(method, body, headers);
        assert.equal(answer.end['grpc-status'], String(code), String(answer.end['grpc-message']));
        assert.equal(answer.httpStatus, httpStatus);
        assert.equal(answer.headers['content-type'], 'application/grpc');
        assert.match(detailsOf(answer.end), new RegExp(`${reason}.*polygate`, 's'));
        for (const [header, value] of Object.entries(has ?? {})) {
          assert.equal(answer.headers[header], value);
        }
        await front.ended(1);
        assert.equal(front.outcomes[0]?.error?.pg, reason);
        assert.equal(answer.headers['x-request-id'] ?? front.calls[0]?.id, front.calls[0]?.id);
        if (method !== 'Talk') assert.equal(peer.calls, 0);
        const next = await client.send('Get', good);
        assert.deepEqual([next.end['grpc-status'], next.body], [String(OK), good]);
        assert.equal(peer.open, 0);
      });
    }
  });

  describe('refused behind good messages of a stream', () => {
    for (const [name, rest, code, reason] of [
      ['bad flags', enveloped(7, encodeItem({})), INTERNAL, 'PG_BAD_ENVELOPE'],
      ['oversize', large, RESOURCE_EXHAUSTED, 'PG_BODY_TOO_LARGE'],
      ['a truncated end', good.subarray(0, 6), INTERNAL, 'PG_BAD_ENVELOPE'],
    ] as const) {
      test(`${name}: the service is told that the call is over`, async (t) => {
        const peer = await startScriptedGrpc();
        t.after(() => peer.close());
        const closed = Promise.withResolvers<number | undefined>();
        const arrived = Promise.withResolvers<void>();
        peer.script = ({ stream }) => {
          stream.on('data', () => arrived.resolve());
          stream.on('close', () => closed.resolve(stream.rstCode));
        };
        const front = await startFront(t, peer.port);
        const call = rawGrpcClient(t, front.port).open('Upload');
        call.stream.write(good);
        await arrived.promise;
        call.stream.end(rest);
        const { end } = await call.answer;
        assert.equal(end['grpc-status'], String(code));
        assert.match(detailsOf(end), new RegExp(reason));
        assert.equal(await closed.promise, CANCEL);
        assert.deepEqual([peer.calls, peer.open], [1, 0]);
      });
    }
  });
}

/** Names are text in google.rpc.Status as well. */
function detailsOf(end: Readonly<Record<string, unknown>>): string {
  const value = end['grpc-status-details-bin'];
  return Buffer.from(String(value), 'base64').toString('latin1');
}

function enveloped(flag: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
