/** The services of the matrix, as a script sees them: messages and statuses, and how they came. Each keeps a wire that no library tidies up. */
import type { UpstreamConfig } from 'polygate';
import type { CallKind } from '../../src/call/types.ts';
import type { StatusCode } from '../../src/call/status.ts';
import type { Codec, Coding, ErrorInfo, Item } from '../support/clients/messages.ts';
import type { Received } from '../support/clients/types.ts';

export interface ServiceCall {
  /** Of fault.v1.Fault. */
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined at the half-close, null where the client broke off. */
  next(): Promise<Received | undefined | null>;
  /** Resolves once so many bytes of messages have arrived, whole or not; only where the service has envelopes. */
  arrived(bytes: number): Promise<void>;
  /** Begins the answer. */
  head(metadata: Readonly<Record<string, string>>): void;
  send(item: Item): void;
  /** A part of a message in its envelope; only where the service has them. */
  sendBytes(bytes: Uint8Array): void;
  end(trailers: Readonly<Record<string, string>>): void;
  /** Ends the call with a status: instead of an answer, or behind messages. */
  fail(code: StatusCode, message: string, details: readonly ErrorInfo[]): void;
  /** Nobody waits for the answer any more, or it has ended. */
  readonly closed: Promise<void>;
}

/** What a kind of service can express. */
export interface ServiceCapabilities {
  readonly kinds: readonly CallKind[];
  /** Both sides may speak at the same time. */
  readonly fullDuplex: boolean;
  /** Codecs whose messages can stay as they are: none where http rules take messages apart. */
  readonly passes: readonly Codec[];
  /** What it compresses its answers with, and what it is sent where the client does not pack it itself. */
  readonly coding: Extract<Coding, 'identity' | 'gzip'>;
  /** Messages of clients with these codings can stay as they are. */
  readonly takes: readonly Coding[];
  /** Streams are messages in envelopes, which can be handed through while they come. */
  readonly envelopes: boolean;
}

export interface Service {
  readonly port: number;
  readonly calls: number;
  /** Calls without an end. */
  readonly open: number;
  script: (call: ServiceCall) => Promise<void>;
  close(): Promise<void>;
}

export interface ServiceKind {
  readonly name: string;
  readonly capabilities: ServiceCapabilities;
  /** Of an upstream of the gateway, beside its endpoint. */
  readonly upstream: Pick<UpstreamConfig, 'protocol' | 'compression' | 'connections'>;
  endpoint(port: number): string;
  start(): Promise<Service>;
}

/** A service without a script, over a server that counts. */
export function serviceOver(server: Pick<Service, 'port' | 'calls' | 'open' | 'close'>): Service {
  return {
    get port() {
      return server.port;
    },
    get calls() {
      return server.calls;
    },
    get open() {
      return server.open;
    },
    script: () => Promise.reject(new Error('there is no script')),
    close: () => server.close(),
  };
}
