/** Requests of gRPC-Web and Connect that cannot be served: each is refused in the shape of its own protocol, before the service hears of it. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { assertRecovers, startFaultGateway } from '../support/fault-gateway.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import { encodeItem, envelope } from '../support/scripted-grpc.ts';

const good = envelope({ name: 'good' });
const proto = encodeItem({ name: 'good' });

interface Bad {
  readonly name: string;
  readonly verb?: string;
  readonly method?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default 200 for what is told in the body or by grpc-status. */
  readonly status?: number;
  /** The number of gRPC. */
  readonly code: number;
  /** As Connect names it. */
  readonly word: string;
  readonly says: RegExp;
}

function framed(flag: number, length: number, bytes: Uint8Array = proto): Uint8Array {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

/** What is wrong with envelopes and heads, whatever the protocol around them. */
const COMMON: readonly Bad[] = [
  {
    name: 'unknown method',
    method: 'Nothing',
    code: 12,
    word: 'unimplemented',
    says: /no method \/fault\.v1\.Fault\/Nothing/,
  },
  {
    name: 'unknown service',
    method: '/no.Such/Get',
    code: 12,
    word: 'unimplemented',
    says: /no method/,
  },
  { name: 'wrong verb', verb: 'PUT', status: 405, code: 12, word: 'unimplemented', says: /POST/ },
  {
    name: 'a flag that is none',
    body: framed(4, proto.length),
    code: 13,
    word: 'internal',
    says: /flag/,
  },
  {
    name: 'compressed without an encoding',
    body: framed(1, proto.length),
    code: 13,
    word: 'internal',
    says: /without saying how/,
  },
  {
    name: 'a length over the limit',
    body: framed(0, 0xffff_ffff),
    code: 8,
    word: 'resource_exhausted',
    says: /too large/,
  },
  {
    name: 'truncated in the message',
    body: good.subarray(0, good.length - 1),
    code: 13,
    word: 'internal',
    says: /cut off/,
  },
  {
    name: 'truncated in the head',
    body: good.subarray(0, 3),
    code: 13,
    word: 'internal',
    says: /cut off/,
  },
  {
    name: 'trailing garbage',
    body: Buffer.concat([good, Buffer.from('xyz')]),
    code: 13,
    word: 'internal',
    says: /cut off/,
  },
  { name: 'no message', body: '', code: 12, word: 'unimplemented', says: /sent none/ },
  {
    name: 'two messages',
    body: Buffer.concat([good, good]),
    code: 12,
    word: 'unimplemented',
    says: /more than one/,
  },
];

/** The service sees nothing of it, and the next call is well. */
function refused(bad: Bad, send: Bad, check: (answer: RawAnswer) => void): void {
  test(bad.name, async (t) => {
    const harness = await startFaultGateway(t, { limits: { body: '100kb', message: '100kb' } });
    const {
      verb = 'POST',
      method = 'Watch',
      body = good,
      type = '',
      headers,
    } = { ...send, ...bad };
    const target = method.startsWith('/') ? method : `/fault.v1.Fault/${method}`;
    const answer = await harness.send(verb, target, {
      headers: { 'content-type': type, ...headers },
      body,
    });
    check(answer);
    assert.equal(harness.peer.calls, 0);
    await assertRecovers(harness);
  });
}

const BASE = { name: '', code: 0, word: '', says: /./ };

describe('gRPC-Web', () => {
  const bads: readonly Bad[] = [
    ...COMMON,
    {
      name: 'another codec',
      type: 'application/grpc-web+thrift',
      status: 415,
      code: 3,
      word: '',
      says: /application\/grpc-web/,
    },
    {
      name: 'a timeout that is none',
      headers: { 'grpc-timeout': '5' },
      code: 3,
      word: '',
      says: /Timeout/,
    },
    {
      name: 'an encoding that is not understood',
      headers: { 'grpc-encoding': 'lzma' },
      code: 12,
      word: '',
      says: /lzma/,
    },
    {
      name: 'JSON that is none',
      type: 'application/grpc-web+json',
      body: framed(0, 4, Buffer.from('{"na')),
      code: 3,
      word: '',
      says: /./,
    },
  ];
  for (const bad of bads) {
    refused(bad, { ...BASE, type: 'application/grpc-web+proto' }, (answer) => {
      assert.equal(answer.status, bad.status ?? 200);
      assert.equal(answer.headers['grpc-status'], String(bad.code));
      assert.match(decodeURIComponent(answer.headers['grpc-message'] ?? ''), bad.says);
      assert.match(answer.headers['content-type'] ?? '', /^application\/grpc-web\+(?:proto|json)$/);
      assert.ok(answer.headers['grpc-status-details-bin']);
    });
  }
});

describe('gRPC-Web text', () => {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const bads: readonly Bad[] = [
    { name: 'no base64', body: '****', code: 13, word: '', says: /base64/ },
    {
      name: 'base64 that is cut off',
      body: text(good).slice(0, -1),
      code: 13,
      word: '',
      says: /base64/,
    },
    { name: 'padding within a quad', body: 'A=AA', code: 13, word: '', says: /base64/ },
    {
      name: 'two messages',
      body: text(good) + text(good),
      code: 12,
      word: '',
      says: /more than one/,
    },
    { name: 'no message', body: '', code: 12, word: '', says: /sent none/ },
  ];
  for (const bad of bads) {
    refused(bad, { ...BASE, type: 'application/grpc-web-text' }, (answer) => {
      assert.equal(answer.status, 200);
      assert.equal(answer.headers['grpc-status'], String(bad.code));
      assert.match(decodeURIComponent(answer.headers['grpc-message'] ?? ''), bad.says);
      assert.equal(answer.headers['content-type'], 'application/grpc-web-text+proto');
    });
  }
});

describe('Connect streams', () => {
  const bads: readonly Bad[] = [
    ...COMMON,
    {
      name: 'another codec',
      type: 'application/connect+thrift',
      status: 415,
      code: 3,
      word: 'invalid_argument',
      says: /connect\+proto/,
    },
    {
      name: 'a unary method',
      method: 'Get',
      status: 415,
      code: 3,
      word: 'invalid_argument',
      says: /unary/,
    },
    {
      name: 'a version that is not known',
      headers: { 'connect-protocol-version': '2' },
      code: 3,
      word: 'invalid_argument',
      says: /only \\"1\\"/,
    },
    {
      name: 'a timeout that is none',
      headers: { 'connect-timeout-ms': '5s' },
      code: 3,
      word: 'invalid_argument',
      says: /Connect-Timeout-Ms/,
    },
    {
      name: 'an encoding that is not understood',
      headers: { 'connect-content-encoding': 'lzma' },
      code: 12,
      word: 'unimplemented',
      says: /lzma/,
    },
    {
      name: "an end of the stream, which is the server's to send",
      body: Buffer.concat([good, framed(2, 2, Buffer.from('{}'))]),
      code: 13,
      word: 'internal',
      says: /flag/,
    },
  ];
  for (const bad of bads) {
    refused(bad, { ...BASE, type: 'application/connect+proto' }, (answer) => {
      assert.equal(answer.status, bad.status ?? 200);
      assert.equal(answer.body.charCodeAt(0), 2);
      const { error } = JSON.parse(answer.body.slice(5)) as { error: Record<string, unknown> };
      assert.equal(error['code'], bad.word);
      assert.match(JSON.stringify(error['message']), bad.says);
      assert.ok(Array.isArray(error['details']));
    });
  }
});

describe('Connect unary', () => {
  const version = { 'connect-protocol-version': '1' };
  const bads: readonly Bad[] = [
    {
      name: 'unknown method',
      method: 'Nothing',
      status: 404,
      code: 12,
      word: 'unimplemented',
      says: /no method/,
    },
    {
      name: 'unknown service',
      method: '/no.Such/Get',
      status: 404,
      code: 12,
      word: 'unimplemented',
      says: /./,
    },
    { name: 'wrong verb', verb: 'PUT', status: 405, code: 12, word: 'unimplemented', says: /POST/ },
    {
      name: 'GET of a method with side effects',
      verb: 'GET',
      method: '/fault.v1.Fault/Create?connect=v1&encoding=json&message=%7B%7D',
      status: 405,
      code: 12,
      word: 'unimplemented',
      says: /NO_SIDE_EFFECTS/,
    },
    {
      name: 'GET without a message',
      verb: 'GET',
      method: '/fault.v1.Fault/Get?connect=v1&encoding=json',
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /message/,
    },
    {
      name: 'GET with undecodable base64',
      verb: 'GET',
      method: '/fault.v1.Fault/Get?connect=v1&encoding=proto&base64=1&message=***',
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /base64/,
    },
    {
      name: 'GET with another codec',
      verb: 'GET',
      method: '/fault.v1.Fault/Get?connect=v1&encoding=thrift&message=x',
      status: 415,
      code: 3,
      word: 'invalid_argument',
      says: /encoding/,
    },
    {
      name: 'another content type',
      type: 'text/plain',
      headers: version,
      status: 415,
      code: 3,
      word: 'invalid_argument',
      says: /text\/plain/,
    },
    {
      name: 'a streaming method',
      method: 'Watch',
      status: 415,
      code: 3,
      word: 'invalid_argument',
      says: /streaming/,
    },
    {
      name: 'a version that is not known',
      headers: { 'connect-protocol-version': '2' },
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /only \\"1\\"/,
    },
    {
      name: 'a timeout that is none',
      headers: { 'connect-timeout-ms': '12345678901' },
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /Connect-Timeout-Ms/,
    },
    {
      name: 'an encoding that is not understood',
      headers: { 'content-encoding': 'lzma' },
      status: 501,
      code: 12,
      word: 'unimplemented',
      says: /lzma/,
    },
    {
      name: 'no gzip though the head says so',
      headers: { 'content-encoding': 'gzip' },
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /decompressed/,
    },
    {
      name: 'a bomb',
      headers: { 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.alloc(10_000_000)),
      status: 429,
      code: 8,
      word: 'resource_exhausted',
      says: /larger/,
    },
    {
      name: 'a body over the limit',
      body: Buffer.alloc(200_000),
      status: 429,
      code: 8,
      word: 'resource_exhausted',
      says: /larger/,
    },
    {
      name: 'JSON with trailing garbage',
      type: 'application/json',
      headers: version,
      body: '{}x',
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /./,
    },
    {
      name: 'JSON of nothing',
      type: 'application/json',
      headers: version,
      body: '',
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /./,
    },
  ];
  const base = { ...BASE, method: 'Get', type: 'application/proto', body: proto };
  for (const bad of bads) {
    refused(bad, bad.verb === 'GET' ? { ...base, body: '' } : base, (answer) => {
      assert.equal(answer.status, bad.status);
      assert.equal(answer.headers['content-type'], 'application/json');
      const error = JSON.parse(answer.body) as Record<string, unknown>;
      assert.equal(error['code'], bad.word);
      assert.match(JSON.stringify(error['message']), bad.says);
      const [detail] = error['details'] as { type: string; value: string }[];
      assert.equal(detail?.type, 'google.rpc.ErrorInfo');
    });
  }
});
