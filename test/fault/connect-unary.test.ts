/** Unary requests of Connect that cannot be served: refused with an HTTP status and error JSON, before the service hears of them. */
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { deflateSync } from 'node:zlib';
import { type Bad, BASE, refused } from '../support/refusals.ts';
import { encodeItem } from '../support/scripted-grpc.ts';

const proto = encodeItem({ name: 'good' });

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
      name: 'no deflate though the head says so',
      headers: { 'content-encoding': 'deflate' },
      status: 400,
      code: 3,
      word: 'invalid_argument',
      says: /decompressed/,
    },
    {
      name: 'a bomb',
      headers: { 'content-encoding': 'deflate' },
      body: deflateSync(Buffer.alloc(10_000_000)),
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
