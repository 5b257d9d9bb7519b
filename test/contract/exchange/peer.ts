/** A client of some version of HTTP, not ours, for the cases that are the same for all of them. */
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';

export interface PeerOptions {
  /** Default: GET. */
  readonly verb?: string;
  /** Default: `/`. */
  readonly target?: string;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** A body follows; else the request ends with its head. */
  readonly body?: boolean;
  /** Sent behind the body. */
  readonly trailers?: readonly (readonly [name: string, value: string])[];
}

export interface PeerAnswer {
  readonly status: number;
  /** In order, names in lower case, without pseudo-headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

export interface PeerRequest {
  /** How many bytes of the body the system or the windows of the server have taken. */
  readonly sent: number;
  /** Resolves when the bytes are taken; never rejects. */
  write(bytes: Uint8Array): Promise<void>;
  end(): void;
  /** How many times it was told to go on with its body. */
  readonly continues: number;
  /** Gives the request up in the middle of what it is at. */
  leave(): void;
  /** The head of the answer has come. */
  readonly head: Promise<number>;
  /** How many bytes of the answer have come. */
  readonly got: number;
  /** The complete answer; rejects where it is cut. */
  readonly answer: Promise<PeerAnswer>;
  /** Whether it reads the answer. */
  reads: boolean;
}

export interface PeerUpgrade {
  readonly status: number;
  readonly headers: PeerAnswer['headers'];
  /** The bytes of both sides; null where HTTP/1.1 was answered as if nothing had been asked. */
  readonly stream: Duplex | null;
}

export interface Peer {
  request(options?: PeerOptions): PeerRequest;
  /** Asks for `protocol`: Upgrade of HTTP/1.1, extended CONNECT of HTTP/2 (RFC 8441). */
  upgrade(target: string, protocol: string): Promise<PeerUpgrade>;
}

/** Closed behind the test. */
export type OpenPeer = (t: TestContext, port: number) => Peer;

export function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    if (!name.startsWith(':')) pairs.push([name, raw[i + 1] ?? '']);
  }
  return pairs;
}
