/**
 * Nothing of one leg's framing crosses to the other, for every form of request: not by the names of headers, not by their values, not by
 * what a status says. The transports refuse control characters in headers by themselves (test/smuggling).
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openConnection } from '../support/raw-connection.ts';
import { envelope, respond, respondOnly } from '../support/scripted-grpc.ts';
import { shareFaultGateway } from '../support/shared-gateway.ts';
import { type Form, FORMS, message } from './bad-input/form.ts';
import { type Answer, openLine, requestOf } from './bad-input/wire.ts';
import { endOf } from './bad-service/ends.ts';

const SINGLE = FORMS.filter(({ single }) => single);
/** What would be two lines, or the end of a block, where somebody decodes it and writes it down as it is. */
const CRLF = '%0d%0agrpc-status:0%0d%0a%0d%0a';
const RAW_CRLF = 'a\r\ngrpc-status:0\r\nx-smuggled:1\r\n\r\n\0\x80é\u2028';
const BIN = Buffer.from(RAW_CRLF).toString('base64').replace(/=+$/, '');

/** Names that the service may see of a request, beside those that a test has sent on purpose. */
const OF_GATEWAY = new Set([
  ':authority',
  ':method',
  ':path',
  ':scheme',
  'te',
  'content-type',
  'user-agent',
  'grpc-timeout',
  'grpc-accept-encoding',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);

const OWNED: Readonly<Record<string, string>> = {
  te: 'trailers, deflate',
  'keep-alive': 'timeout=5',
  'proxy-connection': 'keep-alive',
  'proxy-authorization': 'Basic c2VjcmV0',
  trailer: 'x-late',
  'http2-settings': 'AAMAAABk',
  'grpc-status': '0',
  'grpc-message': CRLF,
  'grpc-encoding': 'identity',
  'grpc-accept-encoding': 'snappy',
  'grpc-internal-encoding-request': 'x',
  'grpc-previous-rpc-attempts': '3',
  'connect-x': '1',
  'content-language': 'de',
  'content-disposition': 'x',
  'accept-language': 'de',
};
/** Of REST clients these are ordinary metadata. */
const ORDINARY_OF_REST = new Set(['content-language', 'content-disposition', 'accept-language']);

describe('of a request', () => {
  for (const form of SINGLE) {
    describe(form.name, () => {
      const shared = shareFaultGateway({});

      test('names of one leg do not reach the service, and values stay values', async (t) => {
        const { gateway, peer } = shared();
        const seen = Promise.withResolvers<Record<string, unknown>>();
        peer.script = async (call) => {
          seen.resolve(call.headers);
          await call.messages;
          respond(call.stream, { 'grpc-status': '0' });
          call.stream.end(envelope({ name: 'good' }));
        };
        const { headers, ...wired } = requestOf(form);
        const h1Only = ['te', 'keep-alive', 'proxy-connection', 'http2-settings'];
        const noise = Object.entries(OWNED).filter(
          ([name]) => !(name in headers) && (form.shape !== 'grpc' || !h1Only.includes(name)),
        );
        const more = {
          'x-good': CRLF,
          'x-good-bin': BIN,
          'x-wrong-bin': '***',
          'x-i!legal': '1',
          'x-latin': 'caf\xe9',
        };
        const line = openLine(t, gateway.port, form.shape === 'grpc' ? '2' : '1.1');
        const answer = await line.ask({
          ...wired,
          headers: { ...headers, ...Object.fromEntries(noise), ...more },
        });
        assert.equal(answer.status, 200, answer.body.toString());
        const got = await seen.promise;
        assert.equal(got['x-good'], CRLF);
        assert.equal(got['x-good-bin'], BIN);
        assert.equal(got['te'], 'trailers');
        assert.equal(got['content-type'], 'application/grpc');
        assert.equal(got['grpc-accept-encoding'], 'identity,gzip,deflate');
        assert.equal(got[':path'], '/fault.v1.Fault/' + form.method);
        const names = Object.keys(got).filter((name) => !OF_GATEWAY.has(name));
        const ordinary = form.shape === 'rest' ? [...ORDINARY_OF_REST] : [];
        assert.deepEqual(names.toSorted(), [...ordinary, 'x-good', 'x-good-bin'].toSorted());
      });

      if (!form.http.includes('1.1')) return;

      test('what Connection names is of that connection alone', async (t) => {
        const { gateway, peer } = shared();
        const seen = Promise.withResolvers<Record<string, unknown>>();
        peer.script = ({ headers, stream }) => {
          seen.resolve(headers);
          stream.resume();
          respond(stream, { 'grpc-status': '0' });
          stream.end(envelope({ name: 'good' }));
        };
        const { headers, ...wired } = requestOf(form);
        const hop = { connection: 'keep-alive, X-Hop, te', 'x-hop': '1', 'x-good': '1' };
        const line = openLine(t, gateway.port, '1.1');
        await line.ask({ ...wired, headers: { ...headers, ...hop } });
        const got = await seen.promise;
        // It cannot take away what the gateway says itself.
        assert.deepEqual([got['x-hop'], got['x-good'], got['te']], [undefined, '1', 'trailers']);
      });

      for (const [name, bytes] of [
        ['NUL', 'a\0b'],
        ['CR', 'a\rx-smuggled: 1'],
      ] as const) {
        test(`${name} in a header is no request`, async (t) => {
          const { gateway, peer } = shared();
          const before = peer.calls;
          const connection = openConnection(t, gateway.port);
          const { verb, target, headers, body } = requestOf(form);
          const lines = Object.entries({ ...headers, host: 'a.test', 'x-bad': bytes });
          const head = lines.map(([key, value]) => `${key}: ${value}\r\n`).join('');
          const length = body === null ? '' : `content-length: ${body.length}\r\n`;
          await connection.write(`${verb} ${target} HTTP/1.1\r\n${head}${length}\r\n`);
          const answer = await connection.answer();
          assert.equal(answer.status, 400);
          assert.equal(peer.calls, before);
        });
      }
    });
  }
});

/** What a service may say beside its status; of these only `x-` may come through. */
const OF_SERVICE: Readonly<Record<string, string>> = {
  'x-good': CRLF,
  'x-good-bin': BIN,
  'x-latin': 'caf\xe9',
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
  'connect-protocol-version': '9',
  'content-encoding': 'br',
  'content-length': '3',
  'accept-encoding': 'br',
  'grpc-accept-encoding': 'snappy',
  'grpc-x': '1',
  host: 'evil.example',
  trailer: 'x-last',
  'user-agent': 'x',
};
const NEVER = Object.keys(OF_SERVICE).filter(
  (name) => !name.startsWith('x-good') && !['content-encoding', 'content-length'].includes(name),
);

/** No name beside those that its protocol has for the answer itself. */
function assertClean(form: Form, { headers, body }: Answer): void {
  for (const name of NEVER) {
    for (const prefix of ['', 'trailer-', 'grpc-trailer-']) {
      assert.ok(
        !(`${prefix}${name}` in headers),
        `${prefix}${name}: ${headers[`${prefix}${name}`]}`,
      );
    }
  }
  assert.equal(headers['content-encoding'], undefined);
  assert.equal(headers['content-type'], form.answerType);
  if (headers['content-length'] !== undefined) {
    assert.equal(Number(headers['content-length']), body.length);
  }
}

/** Trailers where each protocol has them, in lower case. */
function trailersOf(form: Form, answer: Answer): Record<string, string> {
  const { headers, trailers, body } = answer;
  if (form.shape === 'grpc') return 'grpc-status' in trailers ? { ...trailers } : { ...headers };
  if (form.shape === 'connect-stream') {
    const at = body.lastIndexOf('{"');
    const { metadata = {} } = JSON.parse(body.toString('utf8', at < 0 ? 0 : endAt(body))) as {
      metadata?: Record<string, string[]>;
    };
    return Object.fromEntries(
      Object.entries(metadata).map(([name, [value = '']]) => [name, value]),
    );
  }
  if (form.shape === 'grpc-web') {
    const bytes = form.base64 ? Buffer.from(body.toString(), 'base64') : body;
    const text = bytes.toString('latin1', bytes.lastIndexOf(0x80) + 5);
    return Object.fromEntries(
      text
        .split('\r\n')
        .filter((line) => line !== '')
        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
    );
  }
  const prefix = form.shape === 'rest' ? 'grpc-trailer-' : 'trailer-';
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** Where the JSON of the last envelope begins. */
function endAt(body: Buffer): number {
  let at = 0;
  while (at + 5 + body.readUInt32BE(at + 1) < body.length) at += 5 + body.readUInt32BE(at + 1);
  return at + 5;
}

describe('of an answer', () => {
  for (const form of SINGLE) {
    const version = form.shape === 'grpc' ? '2' : '1.1';
    describe(form.name, () => {
      const shared = shareFaultGateway({});

      test('neither the head nor the trailers of the service say more than metadata', async (t) => {
        const { gateway, peer } = shared();
        const { 'content-length': _, ...ofHead } = OF_SERVICE;
        const ofTrailers = { ...OF_SERVICE, 'x-smuggled-status': '1' };
        peer.script = async (call) => {
          await call.messages;
          const more = { 'trailer-x-fake': '1', 'grpc-status': '3' };
          respond(call.stream, { 'grpc-status': '0', ...ofTrailers }, { ...ofHead, ...more });
          call.stream.end(envelope({ name: 'good' }));
        };
        const answer = await openLine(t, gateway.port, version).ask(requestOf(form));
        assert.equal(answer.status, 200, answer.body.toString());
        assertClean(form, answer);
        const { headers } = answer;
        assert.deepEqual([headers['x-good'], headers['x-good-bin']], [CRLF, BIN]);
        const trailers = trailersOf(form, answer);
        assert.deepEqual([trailers['x-good'], trailers['x-good-bin']], [CRLF, BIN]);
        const names = Object.keys(trailers).filter(
          (name) => !/^grpc-(?:status|message)$/.test(name),
        );
        assert.deepEqual(names.toSorted(), ['x-good', 'x-good-bin', 'x-smuggled-status']);
        const end = endOf(form, answer);
        assert.equal(end.code, 0);
        for (const one of end.messages) assert.deepEqual(one, Buffer.from(message(form, 'good')));
      });

      test('a message with line ends, and a status of the head alone', async (t) => {
        const { gateway, peer } = shared();
        peer.script = ({ stream }) => {
          stream.resume();
          respondOnly(stream, {
            ...OF_SERVICE,
            'grpc-status': '9',
            'grpc-message': encodeURIComponent(RAW_CRLF),
          });
        };
        const answer = await openLine(t, gateway.port, version).ask(requestOf(form));
        const { code, message: said, messages } = endOf(form, answer);
        assert.deepEqual([code, said, messages.length], [9, RAW_CRLF, 0]);
        for (const name of NEVER) {
          if (form.shape === 'grpc' && name.startsWith('grpc-')) continue;
          assert.ok(!(name in answer.headers), name);
        }
        assert.ok(!('x-smuggled' in answer.headers));
      });

      test('a name that is part of every object is one of metadata', async (t) => {
        const { gateway, peer } = shared();
        peer.script = async (call) => {
          await call.messages;
          respond(call.stream, { 'grpc-status': '0', constructor: '1', __proto: '1' });
          call.stream.end(envelope({ name: 'good' }));
        };
        const answer = await openLine(t, gateway.port, version).ask(requestOf(form));
        const trailers = trailersOf(form, answer);
        assert.deepEqual([trailers['constructor'], trailers['__proto']], ['1', '1']);
      });
    });
  }
});
