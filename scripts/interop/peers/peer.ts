/** A server of the test service that is not ours: plain and with TLS, on loopback. */
import type { KeyPair } from '../../../test/support/certificates.ts';

/** What only some servers do (interop-test-descriptions.md, "Server"). */
export type Feature =
  | 'expect_compressed unary'
  | 'expect_compressed streaming'
  | 'response_compressed unary'
  | 'response_compressed streaming';

export interface Peer {
  readonly name: string;
  readonly plain: number;
  readonly tls: number;
  readonly features: readonly Feature[];
  close(): void | Promise<void>;
}

export interface PeerOptions {
  readonly pair: KeyPair;
  /** Files of `pair`, for processes. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Where downloads and builds stay. */
  readonly cache: string;
}

/** There is no toolchain for this peer on this machine. */
export class LeftOut extends Error {}
