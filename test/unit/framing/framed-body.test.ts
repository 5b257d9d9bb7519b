import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import type { Body } from '../../../src/call/types.ts';
import { createChunks } from '../../../src/framing/chunks.ts';
import { framedBody } from '../../../src/framing/framed-body.ts';
import { createJsonValues } from '../../../src/framing/json-values.ts';
import { FakeSource } from './fake-source.ts';

function lines(maxBytes = Infinity): { source: FakeSource; body: Body } {
  const source = new FakeSource();
  const decoder = createJsonValues('sequence', 1_000);
  return { source, body: framedBody(source, decoder, { codec: 'json', maxBytes }) };
}

async function nextText(body: Body): Promise<string | undefined> {
  const message = await body.next();
  if (message === undefined) return undefined;
  assert.equal(message.codec, 'json');
  return Buffer.from(message.bytes).toString();
}

describe('a framed body', () => {
  test('asks for nothing before somebody wants a message', () => {
    assert.equal(lines().source.pumps, 0);
  });

  test('a message that is cut into chunks resolves who waits, once it is complete', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    assert.equal(source.pumps, 1);
    source.give('{"a"');
    assert.equal(source.paused, false, 'nothing waits yet');
    source.give(':1}');
    assert.equal(await first, '{"a":1}');
  });

  test('pauses while messages wait, and goes on when the last one is taken', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    source.give('1\n2\n3\n');
    assert.equal(await first, '1');
    assert.equal(source.paused, true);
    assert.equal(await nextText(body), '2');
    assert.equal(source.paused, true, 'one still waits');
    assert.equal(await nextText(body), '3');
    assert.equal(source.paused, false);
    assert.deepEqual([source.pumps, source.resumes], [1, 1]);
  });

  test('what waits is plain, without a promise', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    source.give('1\n2\n');
    await first;
    assert.equal(body.next() instanceof Promise, false);
  });

  test('what was there before the end is read first, then the end, again and again', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    source.give('1\n2');
    source.sink?.end(null);
    assert.deepEqual([await first, await nextText(body)], ['1', '2']);
    assert.equal(await nextText(body), undefined);
    assert.equal(await nextText(body), undefined);
  });

  test('an end in the middle of a message is a failure, not an end', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    source.give('1\n{"a":');
    assert.equal(await first, '1');
    source.sink?.end(null);
    await assert.rejects(nextText(body), /cut off/);
    await assert.rejects(nextText(body), /cut off/);
  });

  test('a source that breaks off is seen behind the messages that came before', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    source.give('1\n2\n');
    source.sink?.fail(new GatewayError('PG_BODY_INCOMPLETE', 'gone'));
    assert.deepEqual([await first, await nextText(body)], ['1', '2']);
    await assert.rejects(nextText(body), /gone/);
  });

  test('a source that breaks off rejects who waits', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    source.sink?.fail(new GatewayError('PG_BODY_INCOMPLETE', 'gone'));
    await assert.rejects(first, /gone/);
  });

  test('what the framing refuses fails the body and cancels the source', async () => {
    const source = new FakeSource();
    const decoder = createJsonValues('auto', 1_000);
    const body = framedBody(source, decoder, { codec: 'json', maxBytes: Infinity });
    const first = nextText(body);
    source.give('[1 2');
    assert.equal(await first, '1');
    await assert.rejects(nextText(body), /comma is missing/);
    assert.deepEqual(
      source.cancels.map(({ pg }) => pg),
      ['PG_MALFORMED_JSON'],
    );
  });

  test('more than maxBytes in all is refused and the source is cancelled', async () => {
    const { source, body } = lines(5);
    const first = nextText(body);
    source.give('1\n2\n');
    assert.equal(await first, '1');
    source.give('3\n');
    assert.equal(await nextText(body), '2');
    await assert.rejects(
      nextText(body),
      (error) => error instanceof GatewayError && error.pg === 'PG_BODY_TOO_LARGE',
    );
    assert.equal(source.cancels.length, 1);
  });

  test('cancel tells the source once, rejects who waits, and drops what comes late', async () => {
    const { source, body } = lines();
    const first = nextText(body);
    const { sink } = source;
    const reason = new GatewayError('PG_CLIENT_GONE', 'enough');
    body.cancel(reason);
    body.cancel(new GatewayError('PG_INTERNAL', 'again'));
    await assert.rejects(first, reason);
    sink?.write(Buffer.from('1\n'));
    sink?.end(null);
    await assert.rejects(nextText(body), reason);
    assert.deepEqual(source.cancels, [reason]);
  });

  test('without framing each chunk is a message; an empty upload is one empty message', async () => {
    for (const [chunks, expected] of [
      [
        ['a', 'bc'],
        ['a', 'bc'],
      ],
      [[], ['']],
    ] as const) {
      const source = new FakeSource();
      const body = framedBody(source, createChunks(), { codec: 'bytes', maxBytes: Infinity });
      const got: string[] = [];
      const all = (async () => {
        for (let m = await body.next(); m !== undefined; m = await body.next()) {
          assert.equal(m.codec, 'bytes');
          got.push(Buffer.from(m.bytes).toString());
        }
      })();
      for (const chunk of chunks) source.give(chunk);
      source.sink?.end(null);
      await all;
      assert.deepEqual(got, expected);
    }
  });
});
