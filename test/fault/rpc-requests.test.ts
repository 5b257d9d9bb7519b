/** Requests of gRPC-Web and Connect that cannot be served: each is refused in the shape of its own protocol, before the service hears of it. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type Bad, BASE, refused } from '../support/refusals.ts';
import { encodeItem, envelope } from '../support/scripted-grpc.ts';

const good = envelope({ name: 'good' });
const proto = encodeItem({ name: 'good' });

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
