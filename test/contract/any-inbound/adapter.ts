/** What an inbound brings to its contract: how it is made, a client of its protocol, and what that protocol cannot express. */
import type { CallKind, Handler, Inbound, Route } from '../../../src/call/types.ts';
import type { TimerWheel } from '../../../src/lib/timer-wheel.ts';
import type { Codec } from '../../support/clients/messages.ts';
import type { ClientProtocol } from '../../support/clients/types.ts';

/** One method of each kind, of fault.v1.Fault. */
export const METHODS: Readonly<Record<CallKind, string>> = {
  unary: 'Create',
  server_stream: 'Watch',
  client_stream: 'Upload',
  bidi: 'Talk',
};

/** What the gateway gives an inbound. */
export interface InboundEnvironment {
  /** The methods that clients may call, by their `rpc`. */
  readonly routes: readonly Route[];
  /** For one message of a client. */
  readonly maxMessageBytes: number;
  readonly wheel: TimerWheel;
  /** Takes the call at its head, before any message is read. It asks the call's own router for the route. */
  readonly handle: Handler;
}

/** What a protocol cannot express is false, or left out of a list: the contract holds it to that as well. */
export interface InboundCapabilities {
  /** Kinds whose clients can leave out the one request message, which is refused; elsewhere nothing is an empty message. */
  readonly missing: readonly CallKind[];
  /** Kinds whose clients can send two where there is to be one, which is refused; elsewhere a client cannot say it. */
  readonly surplus: readonly CallKind[];
  /** A request message may be larger than the head of a request. */
  readonly large: boolean;
}

export interface InboundAdapter {
  readonly make: (environment: InboundEnvironment) => Inbound;
  /** Says what it can express, too: versions of HTTP, kinds, whether both sides may speak, whether a head comes early. */
  readonly client: ClientProtocol;
  /** What the client's messages are written in; the handler gets and gives protobuf. */
  readonly codec: Codec;
  readonly capabilities: InboundCapabilities;
  /** Default: those of {@link METHODS}. */
  readonly methods?: Partial<Record<CallKind, string>>;
}
