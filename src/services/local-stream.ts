/** An answer of the gateway itself that is a stream: each message is made when it is asked for, so nothing of it waits. */
import { GatewayError } from '../call/error.ts';
import type { Message } from '../call/message.ts';
import { OK, type Status, statusOf } from '../call/status.ts';
import type { Body, Reply, Routed } from '../call/types.ts';

/** The bytes of the next message, or undefined behind the last one. Rejects once the call was cancelled. */
export type NextAnswer = () => Promise<Uint8Array | undefined>;

/** `onCancel` wakes a `next` that waits. */
export function streamReply(
  call: Routed,
  next: NextAnswer,
  onCancel: (reason: GatewayError) => void,
): Reply {
  if (call.cancelled !== null) throw call.cancelled;
  const body = new LocalStream(call, next, onCancel);
  call.onCancel = (reason) => body.cancel(reason);
  return { metadata: null, body, end: body.end };
}

class LocalStream implements Body {
  readonly single = false;
  readonly #call: Routed;
  readonly #next: NextAnswer;
  readonly #onCancel: (reason: GatewayError) => void;
  readonly #end = Promise.withResolvers<Status>();
  #failure: GatewayError | null = null;
  #ended = false;

  constructor(call: Routed, next: NextAnswer, onCancel: (reason: GatewayError) => void) {
    this.#call = call;
    this.#next = next;
    this.#onCancel = onCancel;
  }

  get end(): Promise<Status> {
    return this.#end.promise;
  }

  async next(): Promise<Message | undefined> {
    if (this.#failure !== null) throw this.#failure;
    if (this.#ended) return undefined;
    try {
      const bytes = await this.#next();
      if (this.#isCut()) throw this.#failure;
      this.#call.touch();
      if (bytes !== undefined) return { codec: 'proto', bytes };
      this.#ended = true;
      this.#end.resolve(OK);
      return undefined;
    } catch (error) {
      this.#fail(GatewayError.from(error));
      throw this.#failure;
    }
  }

  cancel(reason: GatewayError): void {
    if (this.#ended || this.#failure !== null) return;
    this.#fail(reason);
    this.#onCancel(reason);
  }

  /** A cancellation may have come while the answer was made. */
  #isCut(): boolean {
    return this.#failure !== null;
  }

  #fail(reason: GatewayError): void {
    if (this.#failure !== null) return;
    this.#failure = reason;
    this.#end.resolve(statusOf(reason));
  }
}
