import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { collect } from '../../../src/framing/collect.ts';
import { countCopiedBytes } from './copies.ts';
import { FakeSource } from './fake-source.ts';

describe('collect', () => {
  for (const chunks of [[], ['abc'], ['a', 'b', 'c'], ['', 'ab', '', 'c', '']]) {
    test(`puts ${JSON.stringify(chunks)} together`, async () => {
      const source = new FakeSource();
      const whole = collect(source, 3);
      for (const chunk of chunks) source.give(chunk);
      source.sink?.end(null);
      assert.equal(Buffer.from(await whole).toString(), chunks.join(''));
      assert.deepEqual([source.pumps, source.cancels.length], [1, 0]);
    });
  }

  test('one chunk is handed on as it is', async () => {
    const source = new FakeSource();
    const whole = collect(source, 10);
    const chunk = Buffer.from('abc');
    source.sink?.write(chunk);
    source.sink?.end(null);
    assert.equal(await whole, chunk);
  });

  test('one byte beyond the limit is refused at once, and the sender is told', async () => {
    const source = new FakeSource();
    const whole = collect(source, 3);
    source.give('abc');
    source.give('d');
    await assert.rejects(
      whole,
      (error) => error instanceof GatewayError && error.pg === 'PG_BODY_TOO_LARGE',
    );
    assert.deepEqual(
      source.cancels.map(({ pg }) => pg),
      ['PG_BODY_TOO_LARGE'],
    );
  });

  test('a body that breaks off rejects with what broke it', async () => {
    const source = new FakeSource();
    const whole = collect(source, 10);
    source.give('abc');
    const reason = new GatewayError('PG_BODY_INCOMPLETE', 'gone');
    source.sink?.fail(reason);
    await assert.rejects(whole, reason);
  });

  test('one-byte chunks are kept as bytes, each copied a few times', async (t) => {
    const source = new FakeSource();
    const whole = collect(source, 100_000);
    const one = Buffer.from('x');
    const copied = countCopiedBytes(t);
    for (let i = 0; i < 100_000; i++) source.sink?.write(one);
    const waiting = copied();
    assert.ok(waiting >= 99_999, 'a view of one byte pins its whole chunk and costs an object');
    source.sink?.end(null);
    assert.equal((await whole).length, 100_000);
    assert.ok(copied() < 600_000, `${copied()} bytes were copied`);
  });
});
