/** What the cases of the outbound contract run on: a peer, the implementation under test, and calls whose request body the test feeds. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Attempt } from '../../../src/call/attempt.ts';
import { PushBody, SingleBody } from '../../../src/call/body.ts';
import type { Call } from '../../../src/call/call.ts';
import { GatewayError, type PgCodeName } from '../../../src/call/error.ts';
import type { Message } from '../../../src/call/message.ts';
import { Metadata } from '../../../src/call/metadata.ts';
import type { Status } from '../../../src/call/status.ts';
import type { Body, CallKind, Endpoint, Outbound, Reply, Routed } from '../../../src/call/types.ts';
import type { Compression } from '../../../src/compression/compression.ts';
import { TimerWheel } from '../../../src/lib/timer-wheel.ts';
import { fakeCall, fakeRoute } from '../../support/fake-call.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import {
  decodeItem,
  encodeItem,
  type Item,
  type ScriptedGrpc,
  startScriptedGrpc,
} from '../../support/scripted-grpc.ts';

export interface OutboundSettings {
  readonly maxMessageBytes: number;
  readonly compression?: Compression;
  readonly tls?:
    | {
        readonly ca?: Buffer;
        readonly cert?: Buffer;
        readonly key?: Buffer;
        readonly serverName?: string;
      }
    | undefined;
}

/** Makes the implementation under test for one endpoint. */
export type MakeOutbound = (endpoint: Endpoint, settings: OutboundSettings) => Outbound;

export interface SendOptions {
  readonly kind?: CallKind;
  /** Default: one empty item for a method with one request message. */
  readonly body?: Body;
  readonly metadata?: Metadata;
  /** From now on; default: none. */
  readonly timeoutMs?: number;
  /** The call was cancelled with it before it is sent. */
  readonly cancelled?: GatewayError;
}

export interface Sent {
  readonly call: Call;
  readonly reply: Promise<Reply>;
}

export interface Target {
  readonly outbound: Outbound;
  readonly send: (options?: SendOptions) => Sent;
}

export interface Harness extends Target {
  readonly peer: ScriptedGrpc;
}

const RPC: Readonly<Record<CallKind, string>> = {
  unary: '/fault.v1.Fault/Get',
  server_stream: '/fault.v1.Fault/Watch',
  client_stream: '/fault.v1.Fault/Upload',
  bidi: '/fault.v1.Fault/Talk',
};

/** The outbound to whatever listens on `port`; closed behind the test. */
export function targetOn(
  t: TestContext,
  make: MakeOutbound,
  port: number,
  settings: Partial<OutboundSettings> = {},
): Target {
  const endpoint = { address: `127.0.0.1:${port}` };
  const outbound = make(endpoint, { maxMessageBytes: 4 << 20, ...settings });
  t.after(() => outbound.close());
  return {
    outbound,
    send: ({ kind = 'unary', body, metadata, timeoutMs, cancelled } = {}) => {
      const call = fakeCall({
        body: body === undefined ? new SingleBody(message({})) : bodyFor(kind, body),
        metadata: metadata ?? new Metadata(),
        wheel: new TimerWheel(new ManualClock()),
      });
      call.route = fakeRoute({ rpc: RPC[kind], kind });
      if (timeoutMs !== undefined) call.deadlineMs = timeoutMs;
      if (cancelled !== undefined) call.cancel(cancelled);
      const reply = outbound.send(new Attempt(call as Routed, endpoint, 1));
      // A test that looks at it later must not be ended by it now.
      reply.catch(() => {});
      return { call, reply };
    },
  };
}

/** The outbound to a scripted peer. */
export async function startHarness(
  t: TestContext,
  make: MakeOutbound,
  settings: Partial<OutboundSettings> = {},
): Promise<Harness> {
  const peer = await startScriptedGrpc();
  t.after(() => peer.close());
  return { peer, ...targetOn(t, make, peer.port, settings) };
}

/** The body of a method with one request message says so. */
function bodyFor(kind: CallKind, body: Body): Body {
  if (kind === 'client_stream' || kind === 'bidi') return body;
  return { single: true, next: () => body.next(), cancel: (reason) => body.cancel(reason) };
}

export function message(item: Item): Message {
  return { codec: 'proto', bytes: encodeItem(item) };
}

/** A request body that a test feeds; counts how often it was asked and who cancelled it. */
export class FedBody extends PushBody {
  readonly seen: { pulls: number; cancels: GatewayError[] };

  constructor(onPull: (body: FedBody) => void = () => {}) {
    const seen = { pulls: 0, cancels: [] as GatewayError[] };
    super({
      pull: () => {
        seen.pulls++;
        onPull(this);
      },
      cancel: (reason) => void seen.cancels.push(reason),
    });
    this.seen = seen;
  }

  give(item: Item): void {
    this.push(message(item));
  }
}

/** A request body of `items`, which then ends. */
export function bodyOf(...items: readonly Item[]): FedBody {
  const body = new FedBody();
  for (const item of items) body.give(item);
  body.end();
  return body;
}

export async function nextItem({ body }: Reply): Promise<Item | undefined> {
  const next = await body.next();
  if (next === undefined) return undefined;
  assert.equal(next.codec, 'proto');
  return decodeItem(next.bytes);
}

export async function allItems(reply: Reply): Promise<Item[]> {
  const items: Item[] = [];
  for (let item = await nextItem(reply); item !== undefined; item = await nextItem(reply)) {
    items.push(item);
  }
  return items;
}

/** Rejected with this code of ours. */
export async function assertRejects(
  promise: Promise<unknown>,
  ...codes: readonly PgCodeName[]
): Promise<GatewayError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error));
    assert.ok(codes.includes(error.pg), `${error.pg}: ${error.message}`);
    return error;
  }
  throw new assert.AssertionError({ message: `expected ${codes.join(' or ')}` });
}

/** The gateway ended the call with one of these codes of ours. */
export function assertFailed(status: Status, ...codes: readonly PgCodeName[]): void {
  assert.ok(status.error !== null, `the service ended it: ${status.code} ${status.message}`);
  assert.ok(codes.includes(status.error.pg), `${status.error.pg}: ${status.message}`);
}
