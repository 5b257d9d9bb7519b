/** How a call ends when the service ends it. Source: gRPC over HTTP/2, "Responses". */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATUS_CODES } from '../../../src/call/status.ts';
import { envelope, respond, respondOnly } from '../../support/scripted-grpc.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  FedBody,
  type MakeOutbound,
  startHarness,
} from './harness.ts';

/** google.rpc.Status { code: 3, message: "m", details: [Any { type_url: "t/a.B", value: 01 02 }, Any { type_url: "t/c.D" }] } */
const DETAILS = Buffer.from('080312016d1a0b0a05742f612e42120201021a070a05742f632e44', 'hex');

export function statusCases(make: MakeOutbound): void {
  test('each of the 17 codes, in trailers and in a head that is all', async (t) => {
    const { peer, send } = await startHarness(t, make);
    for (const [number, code] of STATUS_CODES.entries()) {
      if (code === 'OK') continue;
      for (const only of [true, false]) {
        const trailers = { 'grpc-status': String(number), 'grpc-message': 'said so' };
        peer.script = ({ stream }) => {
          if (only) {
            respondOnly(stream, trailers);
            return;
          }
          respond(stream, trailers);
          stream.end();
        };
        for (const kind of ['unary', 'server_stream'] as const) {
          const reply = await send({ kind, body: bodyOf({}) }).reply;
          assert.deepEqual(await allItems(reply), []);
          const status = await reply.end;
          assert.deepEqual(
            [status.code, status.message, status.details, status.error],
            [code, 'said so', [], null],
          );
        }
      }
    }
  });

  for (const [sent, message] of [
    ['caf%C3%A9 100%25', 'café 100%'],
    ['%F0%9D%84%9E', '𝄞'],
    ['', ''],
    ['plain text; with = and "', 'plain text; with = and "'],
  ] as const) {
    test(`the message ${JSON.stringify(sent)} reads ${JSON.stringify(message)}`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) =>
        respondOnly(stream, { 'grpc-status': '5', 'grpc-message': sent });
      assert.equal((await (await send().reply).end).message, message);
    });
  }

  for (const message of ['Received RST_STREAM with code 2', 'read ECONNRESET', 'Call cancelled']) {
    test(`a service that says ${message} (of a service of its own) has answered`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) => {
        respond(stream, { 'grpc-status': '14', 'grpc-message': message, 'x-by': 'me' });
        stream.end();
      };
      for (const kind of ['unary', 'server_stream'] as const) {
        const reply = await send({ kind }).reply;
        await allItems(reply);
        const status = await reply.end;
        assert.deepEqual(
          [status.code, status.message, status.error],
          ['UNAVAILABLE', message, null],
        );
      }
    });
  }

  for (const sent of ['50%', '%zz', '%C3', 'a%E2%82']) {
    test(`the message ${sent}, which is no percent-encoding, still arrives with its code`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) =>
        respondOnly(stream, { 'grpc-status': '9', 'grpc-message': sent });
      const status = await (await send().reply).end;
      assert.equal(status.code, 'FAILED_PRECONDITION');
      assert.notEqual(status.message, '');
    });
  }

  for (const number of ['17', '99', '2147483647', '-1', 'abc']) {
    test(`the code ${number}, which gRPC does not define, is UNKNOWN`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) => respondOnly(stream, { 'grpc-status': number });
      const { code, error } = await (await send().reply).end;
      assert.deepEqual([code, error], ['UNKNOWN', null]);
    });
  }

  test('details are taken apart but not decoded', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) =>
      respondOnly(stream, {
        'grpc-status': '3',
        'grpc-status-details-bin': DETAILS.toString('base64').replace(/=+$/, ''),
      });
    const { code, details, trailers } = await (await send().reply).end;
    assert.equal(code, 'INVALID_ARGUMENT');
    assert.deepEqual(
      details.map(({ typeUrl, bytes }) => [typeUrl, [...bytes]]),
      [
        ['t/a.B', [1, 2]],
        ['t/c.D', []],
      ],
    );
    assert.equal(trailers?.has('grpc-status-details-bin') ?? false, false);
  });

  for (const [name, bytes] of [
    ['cut off', DETAILS.subarray(0, 12)],
    ['of random bytes', Buffer.from('ffffffffff', 'hex')],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    test(`details that are ${name} take nothing from code and message`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) =>
        respondOnly(stream, {
          'grpc-status': '3',
          'grpc-message': 'bad',
          'grpc-status-details-bin': bytes.toString('base64'),
        });
      const { code, message, error } = await (await send().reply).end;
      assert.deepEqual([code, message, error], ['INVALID_ARGUMENT', 'bad', null]);
    });
  }

  test('a status behind messages: the stream is read first, a single message is not an answer', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '10', 'grpc-message': 'again' });
      stream.end(envelope({ count: 1 }));
    };
    const stream = await send({ kind: 'server_stream' }).reply;
    assert.deepEqual(await allItems(stream), [{ count: 1 }]);
    assert.deepEqual([(await stream.end).code, (await stream.end).message], ['ABORTED', 'again']);
    const unary = await send().reply;
    assert.deepEqual([(await unary.end).code, await allItems(unary)], ['ABORTED', []]);
  });

  test('no status at all is never OK', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      stream.end(envelope({ count: 1 }));
    };
    const settled = await send().reply.then(
      async ({ end }) => (await end).code,
      ({ code }: { code: string }) => code,
    );
    assert.notEqual(settled, 'OK');
    // What came before is whole.
    const stream = await send({ kind: 'server_stream' }).reply;
    assert.deepEqual(await allItems(stream), [{ count: 1 }]);
    assertFailed(await stream.end, 'PG_UPSTREAM_PROTOCOL');
  });

  for (const endStream of [true, false]) {
    test(`the HTTP status 200 ${endStream ? 'alone' : 'with a body'} that is not gRPC's is UNKNOWN`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) => {
        stream.respond({ ':status': 200, 'content-type': 'text/html' }, { endStream });
        if (!endStream) stream.end('<html>');
      };
      const { code, message } = await (await send().reply).end;
      assert.deepEqual(
        [code, message],
        ['UNKNOWN', 'the service answered with text/html instead of gRPC'],
      );
    });
  }

  test('an answer in another codec than the request has is none', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' }, { 'content-type': 'application/grpc+json' });
      stream.end(envelope({ count: 1 }));
    };
    await assertRejects(send().reply, 'PG_UPSTREAM_PROTOCOL');
  });

  for (const type of ['application/grpc+proto', 'application/grpc;charset=utf-8']) {
    test(`${type} is the codec of the request`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) => {
        respond(stream, { 'grpc-status': '0' }, { 'content-type': type });
        stream.end(envelope({ count: 1 }));
      };
      assert.deepEqual(await allItems(await send().reply), [{ count: 1 }]);
    });
  }

  // gRPC over HTTP/2, http-grpc-status-mapping.md.
  for (const [http, code] of [
    [400, 'INTERNAL'],
    [401, 'UNAUTHENTICATED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'UNIMPLEMENTED'],
    [429, 'UNAVAILABLE'],
    [503, 'UNAVAILABLE'],
    [500, 'UNKNOWN'],
  ] as const) {
    test(`an HTTP status ${http} instead of gRPC is ${code}`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      peer.script = ({ stream }) =>
        stream.respond({ ':status': http, 'content-type': 'text/html' }, { endStream: true });
      const settled = await send().reply.then(
        async ({ end }) => (await end).code,
        (error: { code: string }) => error.code,
      );
      assert.equal(settled, code);
    });
  }

  test('a service that answers before it has read everything has answered', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      // As servers do behind their trailers: RST_STREAM with NO_ERROR (RFC 9113 section 8.1).
      stream.on('wantTrailers', () => setImmediate(() => stream.close(0)));
      stream.end(envelope({ name: 'enough' }));
    };
    const body = new FedBody();
    const { reply } = send({ kind: 'client_stream', body });
    body.give({ count: 1 });
    assert.deepEqual(await allItems(await reply), [{ name: 'enough' }]);
    assert.equal((await (await reply).end).code, 'OK');
    assert.equal(body.seen.cancels.length, 1, 'nobody reads the rest of the request');
    await assertRejects(
      Promise.resolve().then(() => body.next()),
      'PG_CLIENT_GONE',
    );
  });
}
