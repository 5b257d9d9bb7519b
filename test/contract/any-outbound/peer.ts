/** The service on the other side of an outbound, as the cases see it: messages and statuses, no wire. */
import type { TestContext } from 'node:test';
import type { StatusCode } from '../../../src/call/status.ts';
import type { Item } from '../../support/scripted-grpc.ts';
import {
  type MakeOutbound,
  type OutboundSettings,
  type Target,
  targetOn,
} from '../outbound/harness.ts';

/** One call as the service sees it. */
export interface PeerCall {
  header(name: string): string | undefined;
  /** Resolves with the first bytes of the request's body. */
  readonly started: Promise<void>;
  /** Every message, once the client has half-closed; empty where it broke off. */
  readonly items: Promise<Item[]>;
  /** Begins a good answer; `streamed` where several messages may follow. */
  head(streamed: boolean, headers?: Record<string, string | string[]>): void;
  /** Behind `head`; false asks to wait for `drained`. */
  send(item: Item): boolean;
  drained(): Promise<void>;
  /** Ends a good answer. */
  end(trailers?: Record<string, string>): void;
  /** Ends it with a status: instead of an answer, or behind messages. */
  fail(code: StatusCode, message: string): void;
  /** Breaks off. */
  cut(): void;
  /** Nobody waits for the answer any more, or it has ended. */
  readonly closed: Promise<void>;
}

export interface Peer {
  readonly port: number;
  readonly calls: number;
  /** Calls without an end. */
  readonly open: number;
  script: (call: PeerCall) => void | Promise<void>;
  close(): Promise<void>;
}

/** What a protocol cannot express is false. */
export interface Capabilities {
  /** A dialogue begins before its first request message. */
  readonly opensEarly: boolean;
  /** Trailers cross with their own names. */
  readonly trailers: boolean;
}

export interface Adapter {
  readonly make: MakeOutbound;
  readonly startPeer: () => Promise<Peer>;
  readonly capabilities: Capabilities;
}

export interface Harness extends Target {
  readonly peer: Peer;
}

/** The outbound to a peer; both are closed behind the test. */
export async function startHarness(
  t: TestContext,
  { make, startPeer }: Adapter,
  settings: Partial<OutboundSettings> = {},
): Promise<Harness> {
  const peer = await startPeer();
  t.after(() => peer.close());
  peer.script = answerLast;
  return { peer, ...targetOn(t, make, peer.port, settings) };
}

/** The script of a healthy service with one answer: the last message that it got. */
export async function answerLast(call: PeerCall): Promise<void> {
  const last = (await call.items).at(-1) ?? {};
  call.head(false);
  call.send(last);
  call.end();
}
