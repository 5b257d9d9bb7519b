import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Metadata } from '../../../../src/call/metadata.ts';
import type { HeaderList } from '../../../../src/call/types.ts';
import { addHeaders, addTrailers, metadataFrom } from '../../../../src/protocols/rest/metadata.ts';
import { headWith } from './head.ts';

/** What every request gets. */
const FORWARDED = [
  ['x-forwarded-for', '192.0.2.1'],
  ['x-forwarded-host', 'gateway.test'],
  ['x-forwarded-proto', 'http'],
];

describe('headers of a request as metadata', () => {
  test('cross under their own names, in order, repeats one by one', () => {
    assert.deepEqual(
      incoming([
        ['authorization', 'Bearer x'],
        ['x-a', '1'],
        ['user-agent', 'curl'],
        ['x-a', '2'],
        ['cookie', 'a=b'],
        ['traceparent', '00-1'],
      ]),
      [
        ['authorization', 'Bearer x'],
        ['x-a', '1'],
        ['user-agent', 'curl'],
        ['x-a', '2'],
        ['cookie', 'a=b'],
        ['traceparent', '00-1'],
      ],
    );
  });

  for (const name of [
    'connection',
    'keep-alive',
    'proxy-authorization',
    'proxy-connection',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'host',
    'expect',
    'http2-settings',
    'content-length',
    'content-type',
    'accept',
    'accept-encoding',
    'sec-websocket-key',
    'grpc-trailer-x',
    'grpc-timeout',
    'grpc-encoding',
    'x-request-timeout',
    'x-forwarded-proto',
    'x-forwarded-host',
    'grpc-metadata-grpc-timeout',
    'grpc-metadata-te',
    'grpc-metadata-host',
    'grpc-metadata-content-type',
    'grpc-metadata-x-forwarded-for',
    'grpc-metadata-',
    'x(y)',
    'x!',
  ]) {
    test(`${name} stays here`, () => {
      assert.deepEqual(incoming([[name, 'v']]), []);
    });
  }

  test('Grpc-Metadata-X arrives as x', () => {
    assert.deepEqual(incoming([['grpc-metadata-x-a', '1']]), [['x-a', '1']]);
  });

  test('what Connection names stays here (RFC 9110 section 7.6.1), unless it was sent explicitly', () => {
    assert.deepEqual(
      incoming([
        ['connection', 'close, X-Hop'],
        ['x-hop', '1'],
        ['grpc-metadata-x-hop', '2'],
        ['x-kept', '3'],
      ]),
      [
        ['x-hop', '2'],
        ['x-kept', '3'],
      ],
    );
  });

  test('values of -bin names are base64 of any kind, several by commas; what is none is left out', () => {
    assert.deepEqual(
      incoming([
        ['x-b-bin', 'AP8='],
        ['x-b-bin', 'AP8'],
        ['x-b-bin', '-_8, +/8='],
        ['x-b-bin', 'not base64!'],
        ['grpc-metadata-y-bin', 'AQ=='],
      ]),
      [
        ['x-b-bin', [0, 255]],
        ['x-b-bin', [0, 255]],
        ['x-b-bin', [251, 255]],
        ['x-b-bin', [251, 255]],
        ['y-bin', [1]],
      ],
    );
  });

  test('a value that gRPC cannot carry is left out', () => {
    assert.deepEqual(
      incoming([
        ['x-a', 'ä'],
        ['x-tab', 'a\tb'],
        ['x-ok', 'a b~'],
      ]),
      [['x-ok', 'a b~']],
    );
  });

  test('X-Forwarded-For grows by the peer', () => {
    const head = headWith(
      [
        ['x-forwarded-for', '198.51.100.7'],
        ['x-forwarded-for', '198.51.100.8'],
      ],
      { scheme: 'https', authority: 'a.test:443' },
    );
    assert.deepEqual(plain(metadataFrom(head)), [
      ['x-forwarded-for', '198.51.100.7, 198.51.100.8, 192.0.2.1'],
      ['x-forwarded-host', 'a.test:443'],
      ['x-forwarded-proto', 'https'],
    ]);
  });
});

describe('metadata of the service as headers', () => {
  const metadata = new Metadata()
    .append('x-a', '1')
    .append('x-a', '2')
    .append('x-b-bin', new Uint8Array([0, 255]))
    .append('set-cookie', 'a=b')
    .append('content-type', 'evil/type')
    .append('content-length', '9')
    .append('transfer-encoding', 'chunked')
    .append('connection', 'close')
    .append('date', 'never')
    .append('grpc-status', '0')
    .append('x-broken', 'a\r\nx-injected: 1')
    .append('x(y)', '1');

  test('go out under their names, but for those that the answer owns and what would break it', () => {
    const headers: HeaderList = ['x-own', '0'];
    addHeaders(headers, metadata);
    addHeaders(headers, null);
    assert.equal(headers.join(' '), 'x-own 0 x-a 1 x-a 2 x-b-bin AP8= set-cookie a=b');
  });

  test('trailers have a prefix; what is no trailer of a service gets none', () => {
    const headers: HeaderList = [];
    addTrailers(headers, new Metadata().append('x-t', '1').append('date', 'd'));
    assert.deepEqual(headers, ['grpc-trailer-x-t', '1']);
  });
});

function incoming(headers: readonly (readonly [string, string])[]): unknown[] {
  const all = plain(metadataFrom(headWith(headers)));
  assert.deepEqual(all.slice(-3), FORWARDED);
  return all.slice(0, -3);
}

function plain(metadata: Metadata): [string, unknown][] {
  const list: [string, unknown][] = [];
  metadata.each((name, value) => list.push([name, typeof value === 'string' ? value : [...value]]));
  return list;
}
