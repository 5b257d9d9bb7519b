/** Services of plain HTTP that misbehave: the exact failure, whether they were reached, and a next call that is good. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { PgCodeName, Reached } from '../../src/call/error.ts';
import type { CallKind } from '../../src/call/types.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  nextItem,
  type Target,
  targetOn,
} from '../contract/outbound/harness.ts';
import { untilStill } from '../support/raw-connection.ts';
import { answerOf, goodAnswer, type RawService, startRawService } from '../support/raw-service.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';

const OK = 'HTTP/1.1 200 OK';
const JSON_TYPE = 'Content-Type: application/json';
const NDJSON = 'Content-Type: application/x-ndjson';
const SSE = 'Content-Type: text/event-stream';
const CHUNKED = 'Transfer-Encoding: chunked';

interface Harness extends Target {
  readonly service: RawService;
}

async function start(t: TestContext): Promise<Harness> {
  const service = await startRawService(t);
  return { service, ...targetOn(t, makeRestOutbound, service.port, { maxMessageBytes: 1_000 }) };
}

/** The next call is good, and of the one before nothing is open but a connection that may be used again. */
async function assertRecovers({ outbound, service, send }: Harness): Promise<void> {
  service.script = (socket) => void socket.write(goodAnswer({ name: 'good' }));
  assert.deepEqual(await allItems(await send().reply), [{ name: 'good' }]);
  assert.ok((await untilStill(() => service.connections)) <= 2);
  outbound.close();
  assert.equal(await untilStill(() => service.connections), 0);
}

function chunked(...parts: readonly string[]): string {
  return parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('');
}

interface Fault {
  readonly name: string;
  readonly bytes: string;
  /** Whether the service closes behind its bytes. */
  readonly closes?: boolean;
  readonly pg: PgCodeName;
  readonly reached?: Reached;
}

const UNARY: readonly Fault[] = [
  {
    name: 'closes without a word',
    bytes: '',
    closes: true,
    pg: 'PG_UPSTREAM_RESET',
    reached: 'maybe',
  },
  {
    name: 'breaks off in the status line',
    bytes: 'HTTP/1.1 2',
    closes: true,
    pg: 'PG_UPSTREAM_RESET',
    reached: 'yes',
  },
  {
    name: 'breaks off in the head',
    bytes: `${OK}\r\nContent-Ty`,
    closes: true,
    pg: 'PG_UPSTREAM_RESET',
    reached: 'yes',
  },
  { name: 'no HTTP', bytes: 'SSH-2.0-OpenSSH_9\r\n\r\n', pg: 'PG_UPSTREAM_PROTOCOL' },
  {
    name: 'a bare line feed in a header',
    bytes: `${OK}\r\nX: a\nContent-Length: 2\r\n\r\n{}`,
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'two lengths',
    bytes: answerOf([OK, JSON_TYPE, 'Content-Length: 2', 'Content-Length: 3'], '{}'),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a length and chunks',
    bytes: answerOf([OK, JSON_TYPE, 'Content-Length: 2', CHUNKED], '2\r\n{}\r\n0\r\n\r\n'),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a change of protocol',
    bytes: answerOf(['HTTP/1.1 101 Switching Protocols', 'Connection: upgrade', 'Upgrade: x']),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'a head without end',
    bytes: `${OK}\r\n${'X-A: bbbbbbbbbbbbbbbb\r\n'.repeat(5_000)}`,
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'interim answers without end',
    bytes: 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(101),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'trailers without end',
    bytes: answerOf(
      [OK, JSON_TYPE, CHUNKED],
      `2\r\n{}\r\n0\r\n${'X-A: bbbbbbbbbbbbbbbb\r\n'.repeat(5_000)}`,
    ),
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'less than its length',
    bytes: answerOf([OK, JSON_TYPE, 'Content-Length: 20'], '{}'),
    closes: true,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'chunks without the last',
    bytes: answerOf([OK, JSON_TYPE, CHUNKED], '2\r\n{}\r\n'),
    closes: true,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'a broken chunk size',
    bytes: answerOf([OK, JSON_TYPE, CHUNKED], 'zz\r\n{}\r\n'),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'more than the limit, as it says',
    bytes: answerOf([OK, JSON_TYPE, 'Content-Length: 1001']),
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'more than the limit, without a word',
    bytes: answerOf(
      [OK, JSON_TYPE, CHUNKED],
      `${chunked('x'.repeat(600), 'x'.repeat(600))}0\r\n\r\n`,
    ),
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'HTML',
    bytes: answerOf([OK, 'Content-Type: text/html', 'Content-Length: 6'], '<html>'),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'another charset',
    bytes: answerOf([OK, `${JSON_TYPE}; charset=latin1`, 'Content-Length: 2'], '{}'),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'compressed without being asked',
    bytes: answerOf([OK, JSON_TYPE, 'Content-Encoding: gzip', 'Content-Length: 2'], '{}'),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'no JSON',
    bytes: answerOf([OK, JSON_TYPE, 'Content-Length: 5'], '{"a":'),
    pg: 'PG_RESPONSE_UNREADABLE',
  },
  {
    name: 'JSON of another type',
    bytes: goodAnswer({ count: 'many' }),
    pg: 'PG_RESPONSE_UNREADABLE',
  },
  { name: 'a list', bytes: goodAnswer([]), pg: 'PG_RESPONSE_UNREADABLE' },
];

/** Behind one good message. */
const STREAMS: readonly Fault[] = [
  {
    name: 'NDJSON that is cut by the connection',
    bytes: answerOf([OK, NDJSON, CHUNKED], chunked('{"count":1}\n', '{"na')),
    closes: true,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'NDJSON whose last value is cut',
    bytes: answerOf([OK, NDJSON, CHUNKED], `${chunked('{"count":1}\n{"na')}0\r\n\r\n`),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'NDJSON until the connection ends, cut',
    bytes: answerOf([OK, NDJSON, 'Connection: close'], '{"count":1}\n{"na'),
    closes: true,
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'an array that is not closed',
    bytes: answerOf([OK, JSON_TYPE, CHUNKED], `${chunked('[{"count":1}')}0\r\n\r\n`),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'an array with a hole',
    bytes: answerOf([OK, JSON_TYPE, CHUNKED], `${chunked('[{"count":1},]')}0\r\n\r\n`),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'more behind an array',
    bytes: answerOf([OK, JSON_TYPE, CHUNKED], `${chunked('[{"count":1}]{}')}0\r\n\r\n`),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'an event without its empty line',
    bytes: answerOf([OK, SSE, CHUNKED], `${chunked('data: {"count":1}\n\ndata: {}')}0\r\n\r\n`),
    pg: 'PG_UPSTREAM_PROTOCOL',
  },
  {
    name: 'an event that never ends',
    bytes: answerOf(
      [OK, SSE, CHUNKED],
      chunked('data: {"count":1}\n\n', `data: ${'x'.repeat(2_000)}`),
    ),
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'a line that never ends',
    bytes: answerOf(
      [OK, NDJSON, CHUNKED],
      chunked('{"count":1}\n', `{"name":"${'x'.repeat(2_000)}`),
    ),
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'an element of another type',
    bytes: answerOf([OK, NDJSON, CHUNKED], `${chunked('{"count":1}\n{"count":"x"}\n')}0\r\n\r\n`),
    pg: 'PG_RESPONSE_UNREADABLE',
  },
  {
    name: 'no JSON',
    bytes: answerOf([OK, NDJSON, CHUNKED], `${chunked('{"count":1}\n<html>\n')}0\r\n\r\n`),
    pg: 'PG_RESPONSE_UNREADABLE',
  },
];

describe('one answer', () => {
  for (const { name, bytes, closes = false, pg, reached = 'yes' } of UNARY) {
    test(name, async (t) => {
      const harness = await start(t);
      harness.service.script = (socket) => {
        socket.write(bytes);
        if (closes) socket.end();
      };
      const error = await assertRejects(harness.send({ body: bodyOf({ name: 'x' }) }).reply, pg);
      assert.equal(error.reached, reached);
      assert.equal(harness.service.received.length, 1, 'nothing is sent twice');
      await assertRecovers(harness);
    });
  }

  test('one byte at a time', async (t) => {
    const { service, send } = await start(t);
    service.script = (socket) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.from(goodAnswer({ name: 'bytes', count: 1 }))) {
        socket.write(Buffer.of(byte));
      }
    };
    assert.deepEqual(await allItems(await send().reply), [{ name: 'bytes', count: 1 }]);
  });

  test('interim answers before the one that counts', async (t) => {
    const { service, send } = await start(t);
    service.script = (socket) =>
      void socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${goodAnswer({ count: 1 })}`);
    assert.deepEqual(await allItems(await send().reply), [{ count: 1 }]);
  });

  test('a connection that is closed while it waits for its next call', async (t) => {
    const { service, send } = await start(t);
    for (let i = 0; i < 3; i++) {
      service.script = (socket) => {
        socket.write(goodAnswer({ count: i + 1 }));
        socket.end();
      };
      assert.deepEqual(await allItems(await send().reply), [{ count: i + 1 }]);
    }
  });

  for (const [name, bytes] of [
    ['204', answerOf(['HTTP/1.1 204 No Content'])],
    ['no bytes', answerOf([OK, 'Content-Length: 0'])],
    ['no bytes of HTML', answerOf([OK, 'Content-Type: text/html', 'Content-Length: 0'])],
    ['no type', answerOf([OK, 'Content-Length: 2'], '{}')],
  ] as const) {
    test(`${name} is an empty message`, async (t) => {
      const { service, send } = await start(t);
      service.script = (socket) => void socket.write(bytes);
      assert.deepEqual(await allItems(await send().reply), [{}]);
    });
  }
});

describe('a stream', () => {
  for (const { name, bytes, closes = false, pg } of STREAMS) {
    test(name, async (t) => {
      const harness = await start(t);
      harness.service.script = (socket) => {
        socket.write(bytes);
        if (closes) socket.end();
      };
      const reply = await harness.send({ kind: 'server_stream' }).reply;
      assert.deepEqual(await nextItem(reply), { count: 1 });
      const error = await assertRejects(
        Promise.resolve().then(() => nextItem(reply)),
        pg,
      );
      assert.equal(error.reached, 'yes');
      assertFailed(await reply.end, pg);
      await assertRecovers(harness);
    });
  }

  for (const type of ['text/html', 'image/png']) {
    test(`${type} is none`, async (t) => {
      const { service, send } = await start(t);
      service.script = (socket) =>
        void socket.write(answerOf([OK, `Content-Type: ${type}`, 'Content-Length: 1'], 'x'));
      const kinds: CallKind[] = ['server_stream', 'bidi'];
      for (const kind of kinds) {
        await assertRejects(send({ kind, body: bodyOf({}) }).reply, 'PG_UPSTREAM_PROTOCOL');
      }
    });
  }

  for (const [name, head, body] of [
    ['NDJSON', NDJSON, '{"count":1}\n\n {"count":2}\r\n{"count":3}'],
    [
      'NDJSON, wrapped',
      NDJSON,
      '{"result":{"count":1}}\n{ "result" : {"count":2} }\n{"result":{"count":3}}\n',
    ],
    ['an array', JSON_TYPE, ' [ {"count":1} ,{"count":2},{"count":3}]\n'],
    [
      'values one behind the other as JSON',
      JSON_TYPE,
      '{"result":{"count":1}}\n{"count":2}\n{"count":3}\n',
    ],
    [
      'events',
      SSE,
      '\ufeff: hi\n\nid: 1\ndata: {"count":1}\n\nevent: update\r\ndata:{"count":\r\ndata: 2}\r\n\r\nretry: 5\n\ndata: {"count":3}\r\rdata\n\nevent: end\ndata: {}\n\n'.replace(
        'data\n\n',
        '',
      ),
    ],
  ] as const) {
    test(`${name}, whole and byte by byte`, async (t) => {
      const { service, send } = await start(t);
      const bytes = Buffer.from(body);
      for (const size of [bytes.length, 1]) {
        service.script = (socket) => {
          socket.setNoDelay(true);
          socket.write(answerOf([OK, head, `Content-Length: ${bytes.length}`]));
          for (let at = 0; at < bytes.length; at += size) {
            socket.write(bytes.subarray(at, at + size));
          }
        };
        const reply = await send({ kind: 'server_stream' }).reply;
        assert.deepEqual(await allItems(reply), [{ count: 1 }, { count: 2 }, { count: 3 }]);
        assert.equal((await reply.end).code, 'OK');
      }
    });
  }

  for (const [name, head, body] of [
    ['NDJSON', NDJSON, '{"count":1}\n{"error":{"code":5,"message":"gone"}}\n{"count":2}\n'],
    [
      'an array',
      JSON_TYPE,
      '[{"count":1},{"error":{"code":404,"status":"NOT_FOUND","message":"gone"}}]',
    ],
    [
      'events',
      SSE,
      'data: {"count":1}\n\nevent: error\ndata: {"code":5,"message":"gone"}\n\ndata: {"count":2}\n\n',
    ],
  ] as const) {
    test(`${name} with an error as its last element`, async (t) => {
      const harness = await start(t);
      harness.service.script = (socket) =>
        void socket.write(answerOf([OK, head, CHUNKED], `${chunked(body)}0\r\n\r\n`));
      const reply = await harness.send({ kind: 'server_stream' }).reply;
      assert.deepEqual(await allItems(reply), [{ count: 1 }]);
      const { code, message, error } = await reply.end;
      assert.deepEqual([code, message, error], ['NOT_FOUND', 'gone', null]);
      await assertRecovers(harness);
    });
  }
});
