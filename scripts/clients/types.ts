/** What a client of others is to the runner: a name, the ways it speaks, and on each way a few verbs. */

export type Protocol = 'HTTP/1.1' | 'HTTP/2';

/** In the order of the table. */
export const CHECKS = [
  'GET',
  'POST',
  'large POST',
  'no length',
  '404',
  'stream',
  'one connection',
  '100-continue',
  'cancel',
] as const;
export type Check = (typeof CHECKS)[number];

export interface Target {
  readonly port: number;
  readonly tls: boolean;
  readonly protocol: Protocol;
  /** Of the authority that signed the gateway's certificate. */
  readonly caFile: string;
  /** A page whose origin the gateway lets in. */
  readonly pageUrl: string;
  /** Where builds, downloads and files of the clients stay. */
  readonly cache: string;
}

export interface Ask {
  readonly path: string;
  /** A POST of JSON; without it a GET. */
  readonly body?: string;
  /** The body is sent without saying how long it is. */
  readonly noLength?: boolean;
  /** The body waits for 100 (Continue). */
  readonly expect?: boolean;
}

export interface Answer {
  readonly status: number;
  /** As the client itself names what it has spoken. */
  readonly protocol: string;
  /** null where the client tells nothing but its length. */
  readonly body: string | null;
  readonly bytes: number;
  /** The same for answers that came on the same connection. */
  readonly connection: string;
  /** Whether a 100 (Continue) came before the answer. */
  readonly continued: boolean;
}

/** An answer that is read line by line while it comes. */
export interface Lines {
  /** null behind the last one. */
  next(): Promise<string | null>;
  cancel(): void | Promise<void>;
}

export interface Speaker {
  ask(ask: Ask): Promise<Answer>;
  /** The same GET `count` times; at the same time where the protocol can on one connection. */
  repeat(path: string, count: number): Promise<readonly Answer[]>;
  /** A GET whose answer is read as it comes. */
  open(path: string): Promise<Lines>;
  close(): void | Promise<void>;
}

/** One row of the table. */
export interface Way {
  readonly protocol: Protocol;
  readonly tls: boolean;
  /** How the client is told to speak it, where that is not obvious. */
  readonly flag?: string;
  /** What the client cannot do on this way, with the reason. */
  readonly lacks: Readonly<Partial<Record<Check, string>>>;
  open(target: Target): Speaker | Promise<Speaker>;
}

/** A version of HTTP that the client does not speak at all. */
export interface MissingWay {
  readonly protocol: Protocol;
  readonly transports: readonly ('plain' | 'TLS')[];
  readonly reason: string;
}

export interface Client {
  readonly name: string;
  readonly ways: readonly Way[];
  readonly missing: readonly MissingWay[];
  /** Builds what is needed; resolves with the version. Throws `LeftOut` where it isn't installed. */
  prepare(cache: string): string | Promise<string>;
}

/** Runs a check under this name; false where it failed. */
export type Passes = (name: string, work: () => Promise<void>) => Promise<boolean>;
