import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../../src/call/call.ts';
import { ExchangeEnd } from '../../../src/call/exchange-end.ts';
import { fakeCall } from '../../support/fake-call.ts';

const OK: Outcome = { code: 'OK', httpStatus: 200, error: null };

function setUp() {
  const call = fakeCall();
  const outcomes: Outcome[] = [];
  call.observer = { finished: (_call, outcome) => outcomes.push(outcome) };
  return { call, outcomes, end: new ExchangeEnd(call) };
}

test('a call finishes with its outcome once the transport has taken the answer', () => {
  const { call, outcomes, end } = setUp();
  end.settle(OK);
  assert.deepEqual(outcomes, []);
  call.exchange.onDone?.();
  assert.deepEqual(outcomes, [OK]);
});

test('a transport that is done first waits for the outcome', () => {
  const { call, outcomes, end } = setUp();
  call.exchange.onDone?.();
  assert.deepEqual(outcomes, []);
  end.settle(OK);
  assert.deepEqual(outcomes, [OK]);
});

test('a client that leaves cancels the call, and that is its outcome', () => {
  const { call, outcomes, end } = setUp();
  call.exchange.onGone?.();
  assert.equal(call.cancelled?.pg, 'PG_CLIENT_GONE');
  call.exchange.onDone?.();
  end.settle(OK);
  assert.deepEqual(
    outcomes.map(({ code, httpStatus }) => [code, httpStatus]),
    [['CANCELLED', 499]],
  );
});
