import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../../src/call/error.ts';
import type { HttpListener } from '../../../src/call/http-transport.ts';
import type { StreamOwner } from '../../../src/http2/stream.ts';
import { Http2Request } from '../../../src/upstream/http2-request.ts';

type Step = 'pause' | 'resume' | Uint8Array;

interface Harness {
  readonly request: Http2Request;
  readonly heard: string[];
  readonly body: Uint8Array[];
  readonly seen: { credited: number; cancels: number; paused: boolean };
}

/** A request whose connection counts, and whose listener says what it hears. */
function start(pauseBehindEach = false): Harness {
  const heard: string[] = [];
  const body: Uint8Array[] = [];
  const seen = { credited: 0, cancels: 0, paused: false };
  const owner: StreamOwner = {
    write: () => true,
    credit: (_stream, bytes) => void (seen.credited += bytes),
    cancel: (stream) => {
      seen.cancels++;
      stream.close();
    },
    reset: () => {},
  };
  const listener: HttpListener = {
    onHead: (status) => heard.push(`head ${status}`),
    onChunk: (chunk) => {
      assert.equal(seen.paused, false, 'nothing comes behind a pause');
      body.push(chunk.slice());
      if (pauseBehindEach) pause(harness);
    },
    onEnd: (trailers) => heard.push(`end ${trailers.join()}`),
    onFailed: ({ pg }) => heard.push(pg),
  };
  const request = new Http2Request([], listener);
  request.stream.owner = owner;
  const harness = { request, heard, body, seen };
  return harness;
}

function pause({ request, seen }: Harness): void {
  seen.paused = true;
  request.pause();
}

function resume({ request, seen }: Harness): void {
  seen.paused = false;
  request.resume();
}

const HEAD = { fields: [':status', '200'], reading: null };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom('pause' as const, 'resume' as const),
  fc.uint8Array({ maxLength: 40_000, size: 'max' }),
);

describe('an answer', () => {
  test('comes whole and in order, is given back as it is taken, and ends once, whoever pauses when', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.boolean(),
        fc.boolean(),
        (steps, eager, tail) => {
          const harness = start(eager);
          const { request, heard, body, seen } = harness;
          request.onHeaders(HEAD, false);
          const sent: Uint8Array[] = [];
          for (const one of steps) {
            if (one === 'pause') pause(harness);
            else if (one === 'resume') resume(harness);
            else {
              sent.push(one);
              request.onData(one, false);
            }
            const taken = body.reduce((sum, { length }) => sum + length, 0);
            assert.equal(seen.credited, taken);
          }
          if (tail) request.onHeaders({ fields: ['x-a', 'b'], reading: null }, true);
          else request.onData(new Uint8Array(), true);
          // What waits comes when it is asked for, however often that is.
          for (let i = 0; i < 1_000 && heard.length < 2; i++) resume(harness);
          assert.deepEqual(heard, ['head 200', tail ? 'end x-a,b' : 'end ']);
          assert.deepEqual(Buffer.concat(body), Buffer.concat(sent));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('that nobody waits for any more is heard of by nobody', () => {
    const harness = start();
    const { request, heard, body, seen } = harness;
    request.onHeaders(HEAD, false);
    pause(harness);
    request.onData(Buffer.from('held'), false);
    request.cancel();
    request.cancel();
    resume(harness);
    request.onData(Buffer.from('late'), true);
    request.onFailed(new GatewayError('PG_UPSTREAM_RESET', 'late'));
    assert.deepEqual([heard, body, seen.cancels], [['head 200'], [], 1]);
  });

  test('that fails does so at once, what is held is gone', () => {
    const harness = start();
    const { request, heard, body } = harness;
    request.onHeaders(HEAD, false);
    pause(harness);
    request.onData(Buffer.from('held'), false);
    request.onFailed(new GatewayError('PG_UPSTREAM_RESET', 'lost'));
    resume(harness);
    assert.deepEqual([heard, body], [['head 200', 'PG_UPSTREAM_RESET'], []]);
  });
});

describe('an upload', () => {
  test('that cannot be read ends the call, once', async () => {
    const { request, heard, seen } = start();
    await request.upload(
      (async function* () {
        yield Buffer.from('a');
        throw new GatewayError('PG_MALFORMED_JSON', 'no');
      })(),
    );
    assert.deepEqual([heard, seen.cancels], [['PG_MALFORMED_JSON'], 1]);
  });

  test('that waits for a window is let go when its call is over', async () => {
    const { request } = start();
    Object.assign(request.stream.owner ?? {}, { write: () => false });
    let pulled = 0;
    const uploaded = request.upload(
      (async function* () {
        for (;;) {
          pulled++;
          yield Buffer.from('a');
        }
      })(),
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(pulled, 1);
    request.cancel();
    await uploaded;
    assert.equal(pulled, 1);
  });
});
