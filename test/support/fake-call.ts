/** Calls without a transport, for tests of what works on a Call and never looks at bytes. */
import { EMPTY_BODY } from '../../src/call/body.ts';
import { Call, type CallOptions } from '../../src/call/call.ts';
import { Metadata } from '../../src/call/metadata.ts';
import type { Exchange, RequestHead, Route } from '../../src/call/types.ts';
import { TimerWheel } from '../../src/lib/timer-wheel.ts';
import { ManualClock } from './manual-clock.ts';

export interface FakeCallOptions extends Partial<Omit<CallOptions, 'exchange'>> {
  readonly head?: Partial<RequestHead>;
}

/** A GET of `/v1/shelves` that found no route yet. */
export function fakeCall(options: FakeCallOptions = {}): Call {
  const { head, wheel = new TimerWheel(new ManualClock()), ...rest } = options;
  return new Call({
    id: 'call-1',
    protocol: 'rest',
    exchange: fakeExchange(head),
    metadata: new Metadata(),
    body: EMPTY_BODY,
    router: { route: () => fakeRoute() },
    wheel,
    ...rest,
  });
}

/** A unary route whose pipeline never answers. */
export function fakeRoute(overrides: Partial<Route> = {}): Route {
  return {
    name: 'bookstore.v1.Bookstore/GetBook',
    rpc: '/bookstore.v1.Bookstore/GetBook',
    kind: 'unary',
    letIn: null,
    handle: () => Promise.reject(new Error('this route has no outbound')),
    ...overrides,
  };
}

function fakeExchange(head: Partial<RequestHead> = {}): Exchange {
  return {
    head: {
      verb: 'GET',
      path: '/v1/shelves',
      query: '',
      httpVersion: '1.1',
      scheme: 'http',
      authority: '127.0.0.1',
      peer: '127.0.0.1',
      hasBody: false,
      upgrade: undefined,
      memo: { metadata: null },
      header: () => undefined,
      eachHeader: () => {},
      ...head,
    },
    body: { pump: (sink) => sink.end(null), pause: () => {}, resume: () => {}, cancel: () => {} },
    answer: () => {},
    start: () => ({ write: () => true, end: () => {}, fail: () => {}, onDrain: null }),
    upgrade: () => {
      throw new Error('no upgrade was asked for');
    },
    reset: () => {},
    onGone: null,
    onDone: null,
  };
}
