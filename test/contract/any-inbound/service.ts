/** The service behind an inbound under test: what it reads of a call, and the replies that it gives. */
import { PushBody, SingleBody } from '../../../src/call/body.ts';
import type { GatewayError } from '../../../src/call/error.ts';
import type { Message } from '../../../src/call/message.ts';
import { Metadata, type MetadataValue } from '../../../src/call/metadata.ts';
import { OK, type Status, statusOf } from '../../../src/call/status.ts';
import type { Body, CallKind, Reply, Routed } from '../../../src/call/types.ts';
import {
  decodeItem,
  encodeErrorInfo,
  encodeItem,
  type ErrorInfo,
  type Item,
} from '../../support/clients/messages.ts';

function message(item: Item): Message {
  return { codec: 'proto', bytes: encodeItem('proto', item) };
}

export async function nextItem(body: Body): Promise<Item | undefined> {
  const next = await body.next();
  return next === undefined ? undefined : decodeItem('proto', next.bytes);
}

export async function allItems(body: Body): Promise<Item[]> {
  const items: Item[] = [];
  for (let item = await nextItem(body); item !== undefined; item = await nextItem(body)) {
    items.push(item);
  }
  return items;
}

export function metadataOf(...pairs: readonly (readonly [string, MetadataValue])[]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of pairs) metadata.append(name, value);
  return metadata;
}

/** An end that the service itself says. */
export function ended(
  code: Status['code'],
  message: string,
  rest: { readonly info?: ErrorInfo; readonly trailers?: Metadata } = {},
): Status {
  const { info, trailers = null } = rest;
  const details =
    info === undefined
      ? []
      : [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', bytes: encodeErrorInfo(info) }];
  return { code, message, details, trailers, error: null };
}

export function singleAnswer(kind: CallKind): boolean {
  return kind === 'unary' || kind === 'client_stream';
}

/** A good reply of any kind. */
export function replyWith(
  call: Routed,
  items: readonly Item[],
  { metadata, trailers = null }: { metadata?: Metadata; trailers?: Metadata | null } = {},
): Reply {
  const end: Status = { ...OK, trailers };
  const [first] = items;
  if (singleAnswer(call.route.kind) && first !== undefined) {
    return { metadata: metadata ?? null, body: new SingleBody(message(first)), end };
  }
  const streamed = new StreamedReply(call, { metadata, unread: true });
  for (const item of items) streamed.give(item);
  streamed.end(end);
  return streamed.reply;
}

/** A service that answers with nothing but a status. */
export function replyEnding(end: Reply['end'], metadata: Metadata | null = null): Reply {
  const body: Body = { single: false, next: () => undefined, cancel: () => {} };
  return { metadata, body, end };
}

/**
 * A reply whose messages and end a test decides. It does what outbounds do beside: the request is read, and when the call is cancelled
 * or its reader leaves, the reply ends and nobody reads the rest of the request.
 */
export class StreamedReply {
  readonly reply: Reply;
  /** Why the call was cancelled, each time that it was told. */
  readonly cancels: GatewayError[] = [];
  /** Why the reader has left. */
  readonly left: GatewayError[] = [];
  /** How often a message was asked for. */
  pulls = 0;
  readonly #body: PushBody;
  readonly #end = Promise.withResolvers<Status>();

  constructor(
    call: Routed,
    options: {
      readonly metadata?: Metadata | undefined;
      readonly onPull?: (self: StreamedReply) => void;
      /** The test reads the request itself. */
      readonly unread?: boolean;
    } = {},
  ) {
    this.#body = new PushBody({
      pull: () => {
        this.pulls++;
        options.onPull?.(this);
      },
      cancel: (reason) => {
        this.left.push(reason);
        this.#end.resolve(statusOf(reason));
      },
    });
    this.reply = {
      metadata: options.metadata ?? null,
      body: this.#body,
      end: this.#end.promise,
    };
    call.onCancel = (reason) => {
      this.cancels.push(reason);
      call.body.cancel(reason);
      this.break(reason);
    };
    if (options.unread !== true) void allItems(call.body).catch(() => {});
  }

  give(item: Item): void {
    this.#body.push(message(item));
  }

  end(status: Status = OK): void {
    this.#body.end();
    this.#end.resolve(status);
  }

  /** The body fails, and so does the call. */
  break(reason: GatewayError): void {
    this.#body.fail(reason);
    this.#end.resolve(statusOf(reason));
  }
}

/** A service that never answers: it rejects when its call is cancelled, as outbounds do. `cancels` counts how often it was told. */
export function neverAnswering(call: Routed, cancels: GatewayError[]): Promise<Reply> {
  return new Promise((_, reject) => {
    call.onCancel = (reason) => {
      cancels.push(reason);
      call.body.cancel(reason);
      reject(reason);
    };
  });
}
