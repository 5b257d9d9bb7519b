/** Bodies for those who have their messages already, or get them pushed one by one. */
import type { GatewayError } from './error.ts';
import type { Message } from './message.ts';
import type { Body } from './types.ts';

/** A body that ends without a message: an error answer, a preflight. */
export const EMPTY_BODY: Body = Object.freeze({
  single: false,
  next: () => undefined,
  cancel: () => {},
});

/** The body of a unary side: one message that is there. */
export class SingleBody implements Body {
  readonly single = true;
  #message: Message | undefined;

  constructor(message: Message) {
    this.#message = message;
  }

  next(): Message | undefined {
    const message = this.#message;
    this.#message = undefined;
    return message;
  }

  cancel(): void {
    this.#message = undefined;
  }
}

/** Who feeds a {@link PushBody}. */
export interface Feed {
  /** The consumer wants a message. */
  pull(): void;
  /** The consumer leaves before the end. */
  cancel(reason: GatewayError): void;
}

interface Waiter {
  resolve(message: Message | undefined): void;
  reject(reason: GatewayError): void;
}

/**
 * A sequence whose messages are pushed by a feed that is asked for each: it holds what the feed pushed unasked and no more.
 * `end` or `fail` settle it; what was pushed before an end is read first, a failure is seen at once behind it.
 */
export class PushBody implements Body {
  readonly single = false;
  readonly #feed: Feed;
  readonly #queue: Message[] = [];
  #waiter: Waiter | null = null;
  #ended = false;
  #failure: GatewayError | null = null;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  /** How many messages wait unread. */
  get waiting(): number {
    return this.#queue.length;
  }

  next(): Message | undefined | Promise<Message | undefined> {
    const message = this.#queue.shift();
    if (message !== undefined) {
      if (this.#queue.length === 0 && !this.#settled) this.#feed.pull();
      return message;
    }
    if (this.#failure !== null) throw this.#failure;
    if (this.#ended) return undefined;
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#feed.pull();
    });
  }

  cancel(reason: GatewayError): void {
    const open = !this.#settled;
    // Messages that nobody will read must not look like a proper end to somebody who asks again.
    if (this.#queue.length > 0) this.#failure ??= reason;
    this.#queue.length = 0;
    if (!open) return;
    this.#failure = reason;
    this.#take()?.reject(reason);
    this.#feed.cancel(reason);
  }

  push(message: Message): void {
    if (this.#settled) return;
    const waiter = this.#take();
    if (waiter === null) this.#queue.push(message);
    else waiter.resolve(message);
  }

  end(): void {
    if (this.#settled) return;
    this.#ended = true;
    this.#take()?.resolve(undefined);
  }

  fail(reason: GatewayError): void {
    if (this.#settled) return;
    this.#failure = reason;
    this.#take()?.reject(reason);
  }

  get #settled(): boolean {
    return this.#ended || this.#failure !== null;
  }

  #take(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    return waiter;
  }
}
