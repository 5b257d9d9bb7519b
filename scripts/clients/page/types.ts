/** What the page does for the runner, in each protocol alike: requests and answers are the JSON of their messages. */

export type UnaryMethod = 'GetBook' | 'CreateBook';
export type Json = Readonly<Record<string, unknown>>;

export interface Failure {
  /** The number that gRPC gives it. */
  readonly code: number;
  readonly message: string;
  /** Decoded; what they are of stands in `type`. */
  readonly details: readonly Json[];
}

export interface Told {
  readonly value: unknown;
  /** The header `bookstore-revision`: a page reads it where the gateway says that it may. */
  readonly revision: string | null;
  readonly failure: Failure | null;
}

export interface Events {
  /** null behind the last one. */
  next(): Promise<unknown>;
  cancel(): void;
}

export interface PageClient {
  ask(method: UnaryMethod, request: Json): Promise<Told>;
  watch(request: Json): Events;
}

/** In the order of the table. */
export const SPEAKERS = [
  'REST',
  'Connect, JSON',
  'Connect, protobuf',
  'Connect, GET of JSON',
  'Connect, GET of protobuf',
  'gRPC-Web',
  'grpc-web, text',
  'grpc-web, binary',
] as const;
export type SpeakerName = (typeof SPEAKERS)[number];

/** What the runner calls, by expressions of JSON. */
export interface PageApi {
  open(origin: string): Promise<void>;
  ask(speaker: SpeakerName, method: UnaryMethod, request: Json): Promise<Told>;
  watch(speaker: SpeakerName, request: Json): void;
  /** Of the stream that was opened last. */
  next(): Promise<unknown>;
  cancel(): void;
}
