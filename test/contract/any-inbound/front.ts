/** What the cases of the inbound contract run on: the inbound on real exchanges, a service that the test scripts, and a client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Call, Outcome } from '../../../src/call/call.ts';
import { LiveCalls } from '../../../src/call/live-calls.ts';
import type { CallKind, Inbound, Reply, Route, Routed } from '../../../src/call/types.ts';
import { TimerWheel } from '../../../src/lib/timer-wheel.ts';
import { httpClient, type HttpHeaders } from '../../support/clients/http.ts';
import type { Item } from '../../support/clients/messages.ts';
import type { ClientCall, End } from '../../support/clients/types.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { untilStill } from '../../support/raw-connection.ts';
import { type InboundAdapter, METHODS } from './adapter.ts';
import type { Host } from './hosts.ts';
import { allItems, replyWith } from './service.ts';
import { WatchedExchange } from './watched-exchange.ts';
import { Wire } from './wire.ts';

export const MAX_MESSAGE_BYTES = 500_000;
/** What a client allows a call unless the test says otherwise; the clock stands still. */
export const TIMEOUT_MS = 60_000;
/** Of the timer wheel, and one more: a deadline fires late rather than early. */
export const SLOT_MS = 20;

export interface Setting {
  readonly adapter: InboundAdapter;
  readonly host: Host;
}

export interface OpenOptions {
  readonly kind: CallKind;
  readonly metadata?: HttpHeaders;
  readonly timeoutMs?: number;
}

export type Script = (call: Routed) => Promise<Reply>;

export class Front {
  readonly clock = new ManualClock();
  readonly wheel = new TimerWheel(this.clock);
  readonly calls: Call[] = [];
  /** How the calls have finished, in that order. */
  readonly outcomes: Outcome[] = [];
  readonly wire: Wire;
  /** Before the route of a call is asked for. */
  before: (call: Call) => void = () => {};
  script: Script = () => Promise.reject(new Error('this call has no script'));
  /** How many exchanges have been answered, and how many are open. */
  readonly exchanges = { answers: 0, open: 0 };
  readonly #adapter: InboundAdapter;
  readonly #live = new LiveCalls();
  readonly #finished = new Map<Call, number>();
  readonly #opened: ClientCall[] = [];
  readonly #close: () => void | Promise<void>;

  private constructor(
    { adapter, host }: Setting,
    opened: { readonly port: number; close(): void | Promise<void> },
  ) {
    this.#adapter = adapter;
    this.wire = new Wire(httpClient(host.transport, opened.port, Buffer.alloc(0)));
    this.#close = () => opened.close();
  }

  static async start(setting: Setting): Promise<Front> {
    let serve: Inbound['serve'] = () => {};
    const front = new Front(setting, await setting.host.open((exchange) => serve(exchange)));
    const inbound = setting.adapter.make({
      routes: routesFor((call) => front.script(call)),
      maxMessageBytes: MAX_MESSAGE_BYTES,
      wheel: front.wheel,
      handle: (call) => front.#handle(call),
    });
    serve = (exchange) => {
      const watched = new WatchedExchange(exchange, front.exchanges);
      assert.ok(inbound.match(watched.head), 'the inbound does not take its own protocol');
      inbound.serve(watched);
    };
    return front;
  }

  open({ kind, metadata = {}, timeoutMs = TIMEOUT_MS }: OpenOptions): ClientCall {
    const { client, codec, methods } = this.#adapter;
    const method = methods?.[kind] ?? METHODS[kind];
    const options = { method, kind, codec, coding: 'identity', metadata, timeoutMs } as const;
    const call = client.open(this.wire, options);
    this.#opened.push(call);
    return call;
  }

  /** A call with these messages, half-closed. */
  send(
    kind: CallKind,
    items: readonly Item[],
    options: Omit<OpenOptions, 'kind'> = {},
  ): ClientCall {
    const call = this.open({ kind, ...options });
    for (const item of items) call.send(item);
    call.halfClose();
    return call;
  }

  /** The last call. */
  get call(): Call {
    const call = this.calls.at(-1);
    assert.ok(call, 'no call has arrived');
    return call;
  }

  /** Resolves when nothing moves any more, with the outcome of the last call that has finished. */
  async outcome(): Promise<Outcome> {
    await this.still();
    const outcome = this.outcomes.at(-1);
    assert.ok(outcome, 'observer.finished has not been called');
    return outcome;
  }

  async still(): Promise<void> {
    await untilStill(() => this.calls.length + this.outcomes.length - this.exchanges.open);
  }

  /** Of everything that has been started: each call has finished once, and nothing is left of any. */
  async assertNothingLeft(): Promise<void> {
    await this.still();
    for (const call of this.calls) {
      assert.equal(this.#finished.get(call) ?? 0, 1, 'observer.finished is called exactly once');
    }
    assert.equal(this.exchanges.open, 0, 'exchanges are open');
    assert.equal(this.#live.size, 0, 'calls are alive');
    assert.equal(this.wheel.size, 0, 'timers hang on the wheel');
  }

  /** The next good call succeeds. */
  async assertGoesOn(kind: CallKind): Promise<void> {
    const item = { name: 'good', count: 1 };
    this.wire.reads = null;
    this.before = () => {};
    this.script = async (call) => {
      await allItems(call.body);
      return replyWith(call, [item]);
    };
    const { code, message } = await readEnd(this.send(kind, [item]), [item]);
    assert.equal(code, 'OK', message);
  }

  async close(): Promise<void> {
    for (const call of this.#opened) call.cancel();
    this.wire.close();
    await this.#close();
  }

  #handle(call: Call): Promise<Reply> {
    this.calls.push(call);
    this.#live.add(call);
    call.observer = {
      finished: (_, outcome) => {
        this.#finished.set(call, (this.#finished.get(call) ?? 0) + 1);
        this.outcomes.push(outcome);
        this.#watchAgain(call);
      },
    };
    this.before(call);
    const route = call.router.route(call);
    call.route = route;
    return route.handle(call as Routed);
  }

  /** Who finishes a call twice is heard twice. */
  #watchAgain(call: Call): void {
    call.observer = {
      finished: () => this.#finished.set(call, (this.#finished.get(call) ?? 0) + 1),
    };
  }
}

function routesFor(handle: Script): Route[] {
  const kinds = Object.entries({ ...METHODS }) as [CallKind, string][];
  const methods = [...kinds, ['unary', 'Get'] as const];
  return methods.map(([kind, method]) => {
    const rpc = `/fault.v1.Fault/${method}`;
    return { name: rpc.slice(1), rpc, kind, handle, letIn: null };
  });
}

/** One case of the contract: what `run` leaves open is a failure, and so is a good call behind it that does not succeed. */
export function inboundCase(
  setting: Setting,
  name: string,
  run: (front: Front) => Promise<void>,
): void {
  test(name, async () => {
    const front = await Front.start(setting);
    try {
      await run(front);
      await front.assertNothingLeft();
      const [kind] = kindsOf(setting);
      if (kind !== undefined) await front.assertGoesOn(kind);
    } finally {
      await front.close();
    }
  });
}

/** Reads to the end, which is an error if more than `items` come before it. */
export async function readEnd(call: ClientCall, items: readonly Item[] = []): Promise<End> {
  const got: Item[] = [];
  for (let next = await call.next(); next !== undefined; next = await call.next()) {
    got.push(next.item);
  }
  const end = await call.end;
  assert.deepEqual(got, items, `it ended with ${end.code}: ${end.message}`);
  return end;
}

/** The kinds that the client can speak over this host. */
export function kindsOf(
  { adapter, host }: Setting,
  among: readonly CallKind[] = ['unary', 'server_stream', 'client_stream', 'bidi'],
): CallKind[] {
  if (!adapter.client.capabilities.http.includes(versionOf(host))) return [];
  return among.filter((kind) => adapter.client.capabilities.kinds.includes(kind));
}

export function isFullDuplex({ adapter, host }: Setting): boolean {
  return adapter.client.capabilities.fullDuplex.includes(versionOf(host));
}

export function versionOf({ transport }: Host): '1.1' | '2' {
  return transport === 'h2c' ? '2' : '1.1';
}
