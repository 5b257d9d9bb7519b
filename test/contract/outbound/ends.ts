/** How a call ends when the service does not end it: cancellations, failures of the request body, lost connections. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import type { CallKind, Reply } from '../../../src/call/types.ts';
import { turns } from '../exchange/host.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { echo, envelope, respond, type ScriptedCall } from '../../support/scripted-grpc.ts';
import {
  allItems,
  assertFailed,
  assertRejects,
  bodyOf,
  FedBody,
  type Harness,
  type MakeOutbound,
  nextItem,
  startHarness,
  targetOn,
} from './harness.ts';

const KINDS: readonly CallKind[] = ['unary', 'server_stream', 'client_stream', 'bidi'];
const CANCEL = 8;
const enough = new GatewayError('PG_CLIENT_GONE', 'enough');

export function endCases(make: MakeOutbound): void {
  for (const kind of KINDS) {
    test(`${kind}: a call that was cancelled before is not sent`, async (t) => {
      const { peer, send } = await startHarness(t, make);
      await send().reply;
      const { reply } = send({ kind, body: bodyOf({}), cancelled: enough });
      assert.equal(await assertRejects(reply, 'PG_CLIENT_GONE'), enough);
      await turns();
      assert.equal(peer.calls, 1);
    });

    test(`${kind}: a cancellation before the head rejects, and the service's stream is cancelled`, async (t) => {
      const harness = await startHarness(t, make);
      const arrived = streamOf(harness);
      const body = new FedBody();
      body.give({});
      const { call, reply } = harness.send({ kind, body });
      const { closed } = await arrived;
      call.cancel(enough);
      assert.equal(await assertRejects(reply, 'PG_CLIENT_GONE'), enough);
      assert.equal(await closed, CANCEL);
      assert.equal(body.seen.cancels.length, 1);
      await assertGoesOn(harness);
    });
  }

  for (const kind of ['server_stream', 'bidi'] as const) {
    for (const [who, cancel] of [
      ['the call', (call: { cancel(reason: GatewayError): void }) => call.cancel(enough)],
      ['the reader', (_call: unknown, reply: Reply) => reply.body.cancel(enough)],
    ] as const) {
      test(`${kind}: a cancellation by ${who} behind the head is its end, once`, async (t) => {
        const harness = await startHarness(t, make);
        const arrived = streamOf(harness, ({ stream }) => {
          respond(stream, { 'grpc-status': '0' });
          stream.write(envelope({ count: 1 }));
        });
        const body = new FedBody();
        body.give({});
        if (kind === 'server_stream') body.end();
        const { call, reply } = harness.send({ kind, body });
        const got = await reply;
        assert.deepEqual(await nextItem(got), { count: 1 });
        const waiting = nextItem(got);
        cancel(call, got);
        assert.equal(await assertRejects(waiting, 'PG_CLIENT_GONE'), enough);
        const status = await got.end;
        assert.equal(status.error, enough);
        assert.equal(await (await arrived).closed, CANCEL);
        assert.equal(await got.end, status);
        if (kind === 'bidi') assert.equal(body.seen.cancels.length, 1);
        await assertGoesOn(harness);
      });
    }
  }

  test('a cancellation behind the end changes nothing', async (t) => {
    const harness = await startHarness(t, make);
    for (const kind of KINDS) {
      const { call, reply } = harness.send({ kind, body: bodyOf({}) });
      const got = await reply;
      await allItems(got);
      const status = await got.end;
      call.cancel(enough);
      got.body.cancel(enough);
      assert.equal(await got.end, status);
      assert.equal(status.code, 'OK');
    }
  });

  for (const kind of KINDS.filter((one) => one !== 'bidi')) {
    test(`${kind}: a request body that fails before its first message never reaches the service`, async (t) => {
      const harness = await startHarness(t, make);
      const body = new FedBody();
      const { reply } = harness.send({ kind, body });
      const reason = new GatewayError('PG_MALFORMED_JSON', 'no');
      body.fail(reason);
      assert.equal(await assertRejects(reply, 'PG_MALFORMED_JSON'), reason);
      await assertGoesOn(harness);
      assert.equal(harness.peer.calls, 1);
    });
  }

  test('client_stream: a request body that fails in the middle cancels the service and rejects', async (t) => {
    const harness = await startHarness(t, make);
    const arrived = streamOf(harness);
    const body = new FedBody();
    const { reply } = harness.send({ kind: 'client_stream', body });
    body.give({});
    const { closed } = await arrived;
    body.fail(new GatewayError('PG_BODY_INCOMPLETE', 'gone'));
    await assertRejects(reply, 'PG_BODY_INCOMPLETE');
    assert.equal(await closed, CANCEL);
    await assertGoesOn(harness);
  });

  test('bidi: a request body that fails behind the head is the end of the reply', async (t) => {
    const harness = await startHarness(t, make);
    const arrived = streamOf(harness, ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      stream.write(envelope({ count: 1 }));
    });
    const body = new FedBody();
    const got = await harness.send({ kind: 'bidi', body }).reply;
    assert.deepEqual(await nextItem(got), { count: 1 });
    const waiting = nextItem(got);
    body.fail(new GatewayError('PG_MALFORMED_JSON', 'no'));
    await assertRejects(waiting, 'PG_MALFORMED_JSON');
    assertFailed(await got.end, 'PG_MALFORMED_JSON');
    assert.equal(await (await arrived).closed, CANCEL);
  });

  for (const kind of KINDS) {
    test(`${kind}: a connection that breaks off before the head rejects, and the request body is let go`, async (t) => {
      const harness = await startHarness(t, make);
      const arrived = streamOf(harness);
      const body = new FedBody();
      body.give({});
      const { reply } = harness.send({ kind, body });
      await arrived;
      harness.peer.cut();
      const error = await assertRejects(reply, 'PG_UPSTREAM_RESET', 'PG_UPSTREAM_UNAVAILABLE');
      assert.notEqual(error.reached, 'no');
      if (kind === 'bidi' || kind === 'client_stream') {
        assert.equal(body.seen.cancels.length, 1, 'nobody reads the rest of the request');
      }
      await assertRecovers(harness);
    });
  }

  // RFC 9113 section 7: NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, REFUSED_STREAM, CANCEL, ENHANCE_YOUR_CALM, INADEQUATE_SECURITY.
  for (const code of [0, 1, 2, 7, 8, 11, 12]) {
    test(`a reset with the code ${code} instead of a status is a break, before the head and behind it`, async (t) => {
      const harness = await startHarness(t, make);
      harness.peer.script = ({ stream }) => stream.close(code);
      const error = await assertRejects(harness.send().reply, 'PG_UPSTREAM_RESET');
      // Only a refused stream was certainly not looked at (RFC 9113 section 8.7).
      assert.equal(error.reached === 'no', code === 7);
      const arrived = streamOf(harness, ({ stream }) => {
        respond(stream, {});
        stream.write(envelope({ count: 1 }));
      });
      const got = await harness.send({ kind: 'server_stream' }).reply;
      assert.deepEqual(await nextItem(got), { count: 1 });
      const waiting = nextItem(got);
      (await arrived).scripted.stream.close(code);
      await assertRejects(waiting, 'PG_UPSTREAM_RESET');
      assertFailed(await got.end, 'PG_UPSTREAM_RESET');
      await assertGoesOn(harness);
    });
  }

  for (const [how, breakOff] of [
    ['a lost connection', ({ peer }: Harness) => peer.cut()],
    ['a reset', (_harness: Harness, { stream }: ScriptedCall) => stream.close(2)],
  ] as const) {
    test(`bidi: ${how} behind the head is the end of the reply and of the request`, async (t) => {
      const harness = await startHarness(t, make);
      const arrived = streamOf(harness, ({ stream }) => {
        respond(stream, { 'grpc-status': '0' });
        stream.write(envelope({ count: 1 }));
      });
      const body = new FedBody();
      body.give({});
      const got = await harness.send({ kind: 'bidi', body }).reply;
      assert.deepEqual(await nextItem(got), { count: 1 });
      const waiting = nextItem(got);
      breakOff(harness, (await arrived).scripted);
      await assertRejects(waiting, 'PG_UPSTREAM_RESET', 'PG_UPSTREAM_UNAVAILABLE');
      assertFailed(await got.end, 'PG_UPSTREAM_RESET', 'PG_UPSTREAM_UNAVAILABLE');
      assert.equal(body.seen.cancels.length, 1, 'nobody reads the rest of the request');
      await assertRecovers(harness);
    });
  }

  test('a service that sends its clients away finishes what it has; the next call goes through', async (t) => {
    const harness = await startHarness(t, make);
    const { peer, send } = harness;
    const go = Promise.withResolvers<void>();
    const arrived = streamOf(harness, ({ stream }) => {
      void go.promise.then(() => {
        respond(stream, { 'grpc-status': '0' });
        stream.end(envelope({ name: 'before' }));
      });
    });
    const { reply } = send();
    await arrived;
    peer.sendAway();
    await turns();
    go.resolve();
    assert.deepEqual(await allItems(await reply), [{ name: 'before' }]);
    await assertRecovers(harness);
  });

  for (const kind of KINDS) {
    test(`${kind}: a service that keeps the deadline before our own timer does has exceeded it`, async (t) => {
      const harness = await startHarness(t, make);
      const arrived = streamOf(harness);
      const { call, reply } = harness.send({ kind, body: bodyOf({}), timeoutMs: 1 });
      const { scripted } = await arrived;
      assert.ok(call.wheel.clock instanceof ManualClock);
      call.wheel.clock.advance(1);
      scripted.stream.close(CANCEL);
      await assertRejects(reply, 'PG_DEADLINE_EXCEEDED');
    });
  }

  test('nobody there: refused as not reached, with a time to wait', async (t) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const { send } = targetOn(t, make, port);
    const error = await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE');
    assert.equal(error.reached, 'no');
    assert.ok((error.retryAfterMs ?? 0) > 0);
  });

  test('close cuts what is in flight', async (t) => {
    const harness = await startHarness(t, make);
    const first = streamOf(harness);
    const waiting = harness.send();
    await first;
    const second = streamOf(harness, ({ stream }) => respond(stream, { 'grpc-status': '0' }));
    const got = await harness.send({ kind: 'server_stream' }).reply;
    const next = nextItem(got);
    await second;
    harness.outbound.close();
    await assert.rejects(waiting.reply, GatewayError);
    await assert.rejects(next, GatewayError);
    assert.notEqual((await got.end).error, null);
    while (harness.peer.connections > 0) await turns(1);
  });
}

interface Arrived {
  readonly scripted: ScriptedCall;
  /** The code of the RST_STREAM that ended it. */
  readonly closed: Promise<number | undefined>;
}

/** Answers the next calls with `script` (default: nothing) and gives the first of them once it has arrived. */
function streamOf({ peer }: Harness, script?: (call: ScriptedCall) => void): Promise<Arrived> {
  return new Promise((resolve) => {
    peer.script = (scripted) => {
      const { stream } = scripted;
      const closed = new Promise<number | undefined>((told) => {
        stream.on('close', () => told(stream.rstCode));
      });
      stream.resume();
      script?.(scripted);
      resolve({ scripted, closed });
    };
  });
}

/** The next call on the same connection succeeds, and nothing of the last one is left there. */
async function assertGoesOn({ peer, send }: Harness): Promise<void> {
  peer.script = echo;
  assert.deepEqual(await allItems(await send({ body: bodyOf({ name: 'good' }) }).reply), [
    { name: 'good' },
  ]);
  assert.equal(peer.open, 0);
}

/** A call succeeds sooner or later, on a connection that is made for it. */
async function assertRecovers(harness: Harness): Promise<void> {
  for (;;) {
    try {
      await assertGoesOn(harness);
      return;
    } catch (error) {
      if (!(error instanceof GatewayError) || error.pg === 'PG_INTERNAL') throw error;
      await turns(5);
    }
  }
}
