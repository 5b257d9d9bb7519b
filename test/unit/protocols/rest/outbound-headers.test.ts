/** What crosses to an HTTP service and back as headers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metadata } from '../../../../src/call/metadata.ts';
import {
  jsonHeaders,
  rawHeaders,
  receivedMetadata,
  withTrailers,
} from '../../../../src/protocols/rest/outbound-headers.ts';

function pairs(metadata: Metadata | null): (readonly [string, unknown])[] {
  const all: (readonly [string, unknown])[] = [];
  metadata?.each((name, value) => all.push([name, typeof value === 'string' ? value : [...value]]));
  return all;
}

test('metadata crosses but for what belongs to a hop, overrides of the request, and what is no header', () => {
  const metadata = new Metadata();
  for (const [name, value] of [
    ['authorization', 'Bearer t'],
    ['cookie', 'a=b; c=d'],
    ['user-agent', ' curl/8 '],
    ['x-forwarded-for', '1.1.1.1, 2.2.2.2'],
    ['x-forwarded-proto', 'https'],
    ['x-forwarded-host', 'h'],
    ['x-request-timeout', '1s'],
    ['x-http-method-override', 'DELETE'],
    ['x-original-url', '/admin'],
    ['x-rewrite-url', '/admin'],
    ['host', 'evil'],
    ['content-length', '1'],
    ['content-type', 'text/html'],
    ['content-encoding', 'gzip'],
    ['transfer-encoding', 'chunked'],
    ['connection', 'close'],
    ['expect', '100-continue'],
    ['te', 'trailers'],
    ['upgrade', 'h2c'],
    ['proxy-authorization', 'x'],
    ['sec-websocket-key', 'x'],
    ['grpc-encoding', 'gzip'],
    [':path', '/x'],
    ['x-a: b\r\nx-smuggled', '1'],
    ['x-nul', 'a\0b'],
    ['x-line', 'a\nb'],
    ['x-latin', 'é'],
  ] as const) {
    metadata.append(name, value);
  }
  assert.deepEqual(
    jsonHeaders(metadata),
    [
      ['authorization', 'Bearer t'],
      ['cookie', 'a=b; c=d'],
      ['user-agent', 'curl/8'],
      ['x-forwarded-for', '1.1.1.1, 2.2.2.2'],
      ['x-forwarded-proto', 'https'],
      ['x-forwarded-host', 'h'],
    ].flat(),
  );
});

test('a range is for bytes, never for JSON; who has no name is polygate', () => {
  const metadata = new Metadata().append('range', 'bytes=0-5').append('if-range', '"x"');
  assert.deepEqual(jsonHeaders(metadata), ['user-agent', 'polygate']);
  assert.deepEqual(
    rawHeaders(metadata.fork().set('x', '1')),
    [
      ['range', 'bytes=0-5'],
      ['if-range', '"x"'],
      ['x', '1'],
      ['user-agent', 'polygate'],
    ].flat(),
  );
});

test('the head of an answer, without the hop', () => {
  const { metadata, trailers } = receivedMetadata(
    [
      ['connection', 'keep-alive, X-Hop'],
      ['keep-alive', 'timeout=5'],
      ['x-hop', '1'],
      ['content-type', 'application/json'],
      ['content-length', '2'],
      ['transfer-encoding', 'chunked'],
      ['date', 'x'],
      ['access-control-allow-origin', '*'],
      ['content-digest', 'sha-256=:x:'],
      ['grpc-status', '0'],
      ['etag', '"e"'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x-latin', 'é'],
      ['x-bytes-bin', 'AP8='],
      ['grpc-metadata-x-own', 'o'],
      ['grpc-metadata-connection', 'close'],
      ['grpc-trailer-x-tail', 't'],
    ].flat(),
  );
  assert.deepEqual(pairs(metadata), [
    ['etag', '"e"'],
    ['set-cookie', 'a=1'],
    ['set-cookie', 'b=2'],
    ['x-bytes-bin', [0, 255]],
    ['x-own', 'o'],
  ]);
  assert.deepEqual(pairs(withTrailers(trailers, ['x-late', 'l', 'content-length', '5'])), [
    ['x-tail', 't'],
    ['x-late', 'l'],
  ]);
  assert.deepEqual(receivedMetadata(['date', 'x']), { metadata: null, trailers: null });
});
