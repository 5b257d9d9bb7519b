import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiveCalls } from '../../../src/call/live-calls.ts';
import { fakeCall } from '../../support/fake-call.ts';

const OK = { code: 'OK', httpStatus: 200, error: null } as const;

test('a call is in the list until it finishes, wherever it stands', () => {
  const live = new LiveCalls();
  const [first, second, third] = [fakeCall(), fakeCall(), fakeCall()];
  for (const call of [first, second, third]) live.add(call);
  assert.deepEqual(live.all(), [first, second, third]);
  second.finish(OK);
  assert.deepEqual(live.all(), [first, third]);
  third.finish(OK);
  third.finish(OK);
  assert.deepEqual(live.all(), [first]);
  first.finish(OK);
  assert.deepEqual([live.all(), live.size], [[], 0]);
});

test('a call that is in no list finishes all the same, and leaves the lists of others alone', () => {
  const live = new LiveCalls();
  const listed = fakeCall();
  live.add(listed);
  const other = fakeCall();
  other.finish(OK);
  live.delete(other);
  assert.deepEqual(live.all(), [listed]);
});

test('empty resolves behind the last call, at once where there is none', async () => {
  const live = new LiveCalls();
  await live.empty();
  const [first, second] = [fakeCall(), fakeCall()];
  live.add(first);
  live.add(second);
  let empty = false;
  const waited = live.empty().then(() => (empty = true));
  first.finish(OK);
  await Promise.resolve();
  assert.equal(empty, false);
  second.finish(OK);
  await waited;
});
