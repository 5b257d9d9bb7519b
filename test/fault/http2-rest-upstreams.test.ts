/** HTTP/2 services of plain HTTP: what a request is on the wire, how its stream ends, and how far it had come. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test, type TestContext } from 'node:test';
import { GatewayError, type PgCodeName, type Reached } from '../../src/call/error.ts';
import type { HttpRule } from '../../src/schema/model.ts';
import {
  allItems,
  assertRejects,
  bodyOf,
  FedBody,
  nextItem,
  type Target,
  targetOn,
} from '../contract/outbound/harness.ts';
import { rawFrame, type RawFrame } from '../support/http2-frames.ts';
import { codeOf, Type } from '../support/http2-raw-client.ts';
import { untilStill } from '../support/raw-connection.ts';
import {
  type RawHttp2Service,
  type RawStream,
  startRawHttp2Service,
} from '../support/raw-http2-service.ts';
import { makeRestOutbound, type RestSettings } from '../support/rest-outbound.ts';

interface Harness extends Target {
  readonly service: RawHttp2Service;
  /** The next request. */
  next(): Promise<RawStream>;
}

const OK = [
  [':status', '200'],
  ['content-type', 'application/json'],
] as const;
const NDJSON = [
  [':status', '200'],
  ['content-type', 'application/x-ndjson'],
] as const;
const PING = '0000000000000001';
const FLOW_CONTROL_ERROR = 3;
const CANCEL = 8;
const REFUSED_STREAM = 7;
const ENHANCE_YOUR_CALM = 11;

async function start(t: TestContext, settings: Partial<RestSettings> = {}): Promise<Harness> {
  const service = await startRawHttp2Service(t);
  const target = targetOn(
    t,
    (endpoint, given) => makeRestOutbound(endpoint, { ...given, ...settings, http: '2' }),
    service.port,
  );
  return {
    service,
    ...target,
    next: () =>
      new Promise((resolve) => {
        service.script = resolve;
      }),
  };
}

function withRule(rule: Partial<HttpRule>): Partial<RestSettings> {
  return { rules: { Get: rule } };
}

async function assertGoesOn({ service, send }: Harness, accepted = 1): Promise<void> {
  service.script = (stream) => stream.good({ name: 'good' });
  assert.deepEqual(await allItems(await send().reply), [{ name: 'good' }]);
  assert.equal(service.accepted, accepted);
}

function reset(code: number, id = 1): Buffer {
  return rawFrame(Type.reset, 0, id, `0000000${code.toString(16)}`);
}

function goaway(lastId: number): Buffer {
  return rawFrame(Type.goaway, 0, 0, `0000000${lastId}00000000`);
}

/** The frames of the client on the stream, but for windows. */
function sentOn({ frames, id }: RawStream): RawFrame[] {
  return frames.filter((frame) => frame.id === id && frame.type !== Type.windowUpdate);
}

describe('a request', () => {
  test('without content is one frame', async (t) => {
    const harness = await start(t, withRule({ verb: 'GET', template: '/v1/{name}', body: '' }));
    const arrived = harness.next();
    const { reply } = harness.send({ body: bodyOf({ name: 'a' }) });
    const stream = await arrived;
    assert.deepEqual(
      sentOn(stream).map(({ type, flags }) => [type, flags]),
      [[Type.headers, 5]],
    );
    stream.good({});
    await reply;
  });

  test('with content says its length, and ends with it', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    const { reply } = harness.send({ body: bodyOf({ name: 'a' }) });
    const stream = await arrived;
    await stream.until(({ type }) => type === Type.data);
    const [head, ...data] = sentOn(stream);
    assert.ok(head?.payload.includes('content-length') === false, 'a name of the static table');
    assert.ok(head.payload.includes('\x0212'), 'of twelve bytes');
    assert.deepEqual(
      data.map(({ flags, payload }) => [flags, payload.toString()]),
      [[1, '{"name":"a"}']],
    );
    stream.good({});
    await reply;
  });
});

interface Ending {
  readonly name: string;
  readonly frames: (stream: RawStream) => void;
  readonly pg: PgCodeName;
  readonly reached: Reached;
  /** How many connections there have been when the next call is over. */
  readonly accepted?: number;
}

const ENDINGS: readonly Ending[] = [
  {
    name: 'refused',
    frames: ({ send }) => send(reset(REFUSED_STREAM)),
    pg: 'PG_UPSTREAM_RESET',
    reached: 'no',
  },
  {
    name: 'reset',
    frames: ({ send }) => send(reset(2)),
    pg: 'PG_UPSTREAM_RESET',
    reached: 'maybe',
  },
  {
    name: 'reset by a service that has had enough',
    frames: ({ send }) => send(reset(ENHANCE_YOUR_CALM)),
    pg: 'PG_UPSTREAM_RESET',
    reached: 'maybe',
  },
  {
    name: 'reset behind its head',
    frames: (stream) => (stream.head(OK), stream.send(reset(REFUSED_STREAM))),
    pg: 'PG_UPSTREAM_RESET',
    reached: 'yes',
  },
  {
    name: 'behind GOAWAY',
    frames: ({ send }) => send(goaway(0)),
    pg: 'PG_UPSTREAM_RESET',
    reached: 'no',
    accepted: 2,
  },
  {
    name: 'GOAWAY above it, then the end',
    frames: ({ socket }) => void socket.end(goaway(1)),
    pg: 'PG_UPSTREAM_RESET',
    reached: 'maybe',
    accepted: 2,
  },
  {
    name: 'a flood of interim heads',
    frames: (stream) => {
      for (let i = 0; i < 1_200; i++) stream.head([[':status', '103']]);
    },
    pg: 'PG_UPSTREAM_PROTOCOL',
    reached: 'maybe',
    accepted: 2,
  },
];

describe('a call', () => {
  for (const { name, frames, pg, reached, accepted } of ENDINGS) {
    test(name, async (t) => {
      const harness = await start(t);
      harness.service.script = frames;
      const error = await assertRejects(harness.send().reply, pg);
      assert.equal(error.reached, reached);
      await assertGoesOn(harness, accepted);
    });
  }

  test('whose service answers and takes no more of the request keeps its answer', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    const body = new FedBody();
    const { reply } = harness.send({ kind: 'client_stream', body });
    body.give({ count: 1 });
    const stream = await arrived;
    // RFC 9113 section 8.1: an answer is complete, whatever is said of the rest of the request.
    stream.head(OK);
    stream.send(rawFrame(Type.data, 1, 1, Buffer.from('{"count":2}')), reset(0));
    assert.deepEqual(await allItems(await reply), [{ count: 2 }]);
    assert.equal(body.seen.cancels.length, 1);
    await assertGoesOn(harness);
  });

  for (const lost of [false, true]) {
    const what = lost ? 'the loss of its connection' : 'the reset of its stream';
    test(`whose whole answer waits for its reader keeps it behind ${what}`, async (t) => {
      const harness = await start(t);
      const arrived = harness.next();
      const body = new FedBody();
      const { reply } = harness.send({ kind: 'bidi', body });
      body.give({ count: 1 });
      const stream = await arrived;
      stream.head(NDJSON);
      const got = await reply;
      for (const count of [1, 2, 3]) stream.data(`{"count":${count}}\n`, count === 3);
      if (lost) stream.socket.end();
      else stream.send(reset(0));
      await untilStill(() => harness.service.connections);
      assert.deepEqual(await allItems(got), [{ count: 1 }, { count: 2 }, { count: 3 }]);
      assert.equal((await got.end).code, 'OK');
      assert.equal(body.seen.cancels.length, 1);
      await assertGoesOn(harness, lost ? 2 : 1);
    });
  }

  test('that is answered before its request has ended is broken off, once', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    const body = new FedBody();
    const { reply } = harness.send({ kind: 'client_stream', body });
    body.give({ count: 1 });
    const stream = await arrived;
    stream.good({ count: 2 });
    assert.deepEqual(await allItems(await reply), [{ count: 2 }]);
    const frame = await stream.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(frame), CANCEL);
    await assertGoesOn(harness);
    assert.equal(sentOn(stream).filter(({ type }) => type === Type.reset).length, 1);
  });

  test('that is answered before all of its content has gone out leaves nothing open', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    // More than the window of 64 KB.
    const { reply } = harness.send({ body: bodyOf({ name: 'x'.repeat(100_000) }) });
    const stream = await arrived;
    stream.good({ count: 2 });
    assert.deepEqual(await allItems(await reply), [{ count: 2 }]);
    const frame = await stream.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(frame), CANCEL);
    await assertGoesOn(harness);
  });

  test('by HEAD has no content, whatever length its answer says', async (t) => {
    const harness = await start(t, withRule({ verb: 'HEAD', template: '/v1/{name}', body: '' }));
    for (const ends of [true, false]) {
      const arrived = harness.next();
      const { reply } = harness.send({ body: bodyOf({ name: 'a' }) });
      const stream = await arrived;
      stream.head([...OK, ['content-length', '100']], ends);
      if (!ends) stream.send(rawFrame(Type.data, 1, stream.id));
      assert.deepEqual(await allItems(await reply), [{}]);
    }
    const arrived = harness.next();
    const { reply } = harness.send({ body: bodyOf({ name: 'a' }) });
    const stream = await arrived;
    stream.head([...OK, ['content-length', '2']]);
    stream.data('{}', true);
    await assertRejects(reply, 'PG_UPSTREAM_PROTOCOL');
  });

  test('that waits for a stream is sent when there is one', async (t) => {
    const harness = await start(t, { connections: { max: 1 } });
    const arrived = harness.next();
    const first = harness.send({ body: bodyOf({ name: '1' }) }).reply;
    const stream = await arrived;
    // MAX_CONCURRENT_STREAMS of one.
    stream.send(rawFrame(Type.settings, 0, 0, '000300000001'), rawFrame(Type.ping, 0, 0, PING));
    await stream.until(({ type, flags }) => type === Type.ping && flags === 1);
    const second = harness.send({ body: bodyOf({ name: '2' }) }).reply;
    assert.equal(await untilStill(() => harness.service.requests), 1);
    harness.service.script = (next) => next.good({ name: 'second' });
    stream.good({ name: 'first' });
    assert.deepEqual(await allItems(await first), [{ name: 'first' }]);
    assert.deepEqual(await allItems(await second), [{ name: 'second' }]);
  });
});

describe('windows', () => {
  test('a reader that does not read gives none back, and gets every byte when it does', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    const { reply } = harness.send({ kind: 'server_stream' });
    const stream = await arrived;
    stream.head(NDJSON);
    const line = `{"name":"${'x'.repeat(989)}"}\n`;
    // All that the window of the stream takes.
    for (let i = 0; i < 16; i++) stream.data(line.repeat(16));
    const got = await reply;
    assert.notEqual(await nextItem(got), undefined);
    const windows = (): number =>
      stream.frames.filter(({ type, id }) => type === Type.windowUpdate && id === 1).length;
    assert.equal(await untilStill(windows), 0);
    stream.data('', true);
    const hash = createHash('sha256');
    let count = 1;
    for (let item = await nextItem(got); item !== undefined; item = await nextItem(got)) {
      hash.update(item.name ?? '');
      count++;
    }
    assert.deepEqual([count, (await got.end).code], [256, 'OK']);
    assert.equal(
      hash.digest('hex'),
      createHash('sha256').update('x'.repeat(989).repeat(255)).digest('hex'),
    );
  });

  test('a service that sends more is refused', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    const { reply } = harness.send({ kind: 'server_stream' });
    const stream = await arrived;
    stream.head(NDJSON);
    const got = await reply;
    stream.data('{"count":1}\n');
    for (let i = 0; i < 16; i++) stream.data(' '.repeat(16_384));
    const frame = await stream.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(frame), FLOW_CONTROL_ERROR);
    const { error } = await got.end;
    assert.deepEqual([error?.pg, error?.reached], ['PG_UPSTREAM_PROTOCOL', 'yes']);
    await assertGoesOn(harness);
  });

  test('a service that gives none stops the upload with one message in hand', async (t) => {
    const harness = await start(t);
    const arrived = harness.next();
    let given = 0;
    const body = new FedBody((self) => {
      given++;
      self.give({ name: 'x'.repeat(40_000) });
    });
    const { call, reply } = harness.send({ kind: 'client_stream', body });
    const stream = await arrived;
    // Two of them are more than the window of 64 KB.
    assert.equal(await untilStill(() => given), 2);
    call.cancel(new GatewayError('PG_CLIENT_GONE', 'enough'));
    await assertRejects(reply, 'PG_CLIENT_GONE');
    const frame = await stream.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(frame), CANCEL);
    assert.equal(await untilStill(() => given), 2);
    await assertGoesOn(harness);
  });
});
