import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EMPTY_BODY, PushBody, SingleBody } from '../../../src/call/body.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Message } from '../../../src/call/message.ts';

const GONE = new GatewayError('PG_CLIENT_GONE', 'gone');
const RESET = new GatewayError('PG_UPSTREAM_RESET', 'reset');

function message(n: number): Message {
  return { codec: 'proto', bytes: Uint8Array.of(n) };
}

function setUp() {
  const feed = { pulls: 0, cancelled: [] as GatewayError[] };
  const body = new PushBody({
    pull: () => {
      feed.pulls++;
    },
    cancel: (reason) => feed.cancelled.push(reason),
  });
  return { body, feed };
}

/** How a `next` ended: the message's byte, `end`, or the code of the failure. */
async function outcome(next: () => ReturnType<PushBody['next']>): Promise<number | string> {
  try {
    const got = await next();
    return got === undefined ? 'end' : (got.bytes[0] ?? NaN);
  } catch (error) {
    return GatewayError.from(error).pg;
  }
}

describe('single and empty body', () => {
  test('one message, then the end', () => {
    const only = message(1);
    const body = new SingleBody(only);
    assert.equal(body.next(), only);
    assert.equal(body.next(), undefined);
  });

  test('cancel lets the bytes go, any number of times', () => {
    const body = new SingleBody(message(1));
    body.cancel();
    body.cancel();
    assert.equal(body.next(), undefined);
  });

  test('the empty body ends at once and is shared', () => {
    EMPTY_BODY.cancel(GONE);
    assert.equal(EMPTY_BODY.next(), undefined);
    assert.ok(Object.isFrozen(EMPTY_BODY));
  });
});

describe('pushed body', () => {
  test('pulls only when the consumer wants a message', async () => {
    const { body, feed } = setUp();
    assert.equal(feed.pulls, 0);
    const first = outcome(() => body.next());
    assert.equal(feed.pulls, 1);
    body.push(message(1));
    assert.equal(await first, 1);
    assert.equal(feed.pulls, 1);
  });

  test('a message that is there comes without a promise, in order', () => {
    const { body } = setUp();
    const messages = [message(1), message(2)];
    for (const each of messages) body.push(each);
    assert.equal(body.waiting, 2);
    assert.equal(body.next(), messages[0]);
    assert.equal(body.next(), messages[1]);
    assert.equal(body.waiting, 0);
  });

  test('a feed may push inside pull', async () => {
    const body: PushBody = new PushBody({ pull: () => body.push(message(7)), cancel: () => {} });
    assert.equal(await outcome(() => body.next()), 7);
    assert.equal(await outcome(() => body.next()), 7);
  });

  test('what was pushed before the end is read before it', async () => {
    const { body } = setUp();
    body.push(message(1));
    body.end();
    const seen = [await outcome(() => body.next()), await outcome(() => body.next())];
    assert.deepEqual([...seen, await outcome(() => body.next())], [1, 'end', 'end']);
  });

  test('a failure is seen behind what was pushed, and again by whoever asks again', async () => {
    const { body } = setUp();
    body.push(message(1));
    body.fail(RESET);
    const seen = [await outcome(() => body.next()), await outcome(() => body.next())];
    assert.deepEqual(
      [...seen, await outcome(() => body.next())],
      [1, 'PG_UPSTREAM_RESET', 'PG_UPSTREAM_RESET'],
    );
  });

  test('cancel rejects who waits, tells the feed once and pulls no more', async () => {
    const { body, feed } = setUp();
    const waiting = outcome(() => body.next());
    body.cancel(GONE);
    body.cancel(RESET);
    assert.equal(await waiting, 'PG_CLIENT_GONE');
    assert.deepEqual(feed.cancelled, [GONE]);
    assert.equal(feed.pulls, 1);
  });

  test('after cancel nothing is queued, whatever is pushed and whatever came before', () => {
    for (const before of ['nothing', 'end', 'fail'] as const) {
      const { body } = setUp();
      body.push(message(1));
      body.push(message(2));
      if (before === 'end') body.end();
      if (before === 'fail') body.fail(RESET);
      body.cancel(GONE);
      body.push(message(3));
      assert.equal(body.waiting, 0, before);
    }
  });

  test('messages that cancel dropped are never taken for a proper end', async () => {
    const { body, feed } = setUp();
    body.push(message(1));
    body.end();
    body.cancel(GONE);
    assert.equal(await outcome(() => body.next()), 'PG_CLIENT_GONE');
    // The feed has ended properly and need not hear of it.
    assert.deepEqual(feed.cancelled, []);
  });

  test('a cancel behind a read end changes nothing', async () => {
    const { body, feed } = setUp();
    body.end();
    body.cancel(GONE);
    assert.equal(await outcome(() => body.next()), 'end');
    assert.deepEqual(feed.cancelled, []);
  });
});

type Step = 'push' | 'end' | 'fail' | 'cancel';

function permutations(steps: readonly Step[]): Step[][] {
  if (steps.length === 0) return [[]];
  return steps.flatMap((step, at) =>
    permutations(steps.toSpliced(at, 1)).map((rest) => [step, ...rest]),
  );
}

describe('pushed body: every order of push, end, fail and cancel', () => {
  for (const order of permutations(['push', 'end', 'fail', 'cancel'])) {
    for (const waits of [true, false]) {
      test(`${order.join(', ')}${waits ? ', while a reader waits' : ''}`, async () => {
        const { body, feed } = setUp();
        const run: Record<Step, () => void> = {
          push: () => body.push(message(1)),
          end: () => body.end(),
          fail: () => body.fail(RESET),
          cancel: () => body.cancel(GONE),
        };
        const first = waits ? outcome(() => body.next()) : null;
        for (const step of order) run[step]();

        // The first of end, fail and cancel decides; a push before it is kept unless cancel dropped it unread.
        const settled = order.find((step) => step !== 'push');
        const pushed = order.indexOf('push') < order.indexOf(settled ?? 'push');
        const dropped = pushed && !waits;
        const ends = { end: 'end', fail: 'PG_UPSTREAM_RESET', cancel: 'PG_CLIENT_GONE', push: '' };
        const last = settled === 'end' && dropped ? 'PG_CLIENT_GONE' : ends[settled ?? 'push'];

        if (first !== null) assert.equal(await first, pushed ? 1 : last);
        assert.equal(await outcome(() => body.next()), last);
        assert.equal(await outcome(() => body.next()), last, 'the end changed its mind');
        assert.equal(body.waiting, 0);
        assert.equal(feed.cancelled.length, settled === 'cancel' ? 1 : 0);
      });
    }
  }
});
