/** One gRPC call on a grpc-js channel in raw-buffer mode: messages are the bytes that travelled, pulled one by one. */
import {
  type Channel,
  type Metadata as GrpcMetadata,
  status as codes,
  type StatusObject,
} from '@grpc/grpc-js';
import type { Attempt } from '../../call/attempt.ts';
import { EMPTY_BODY, PushBody, SingleBody } from '../../call/body.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { Metadata } from '../../call/metadata.ts';
import { type Status, statusOf } from '../../call/status.ts';
import type { CallKind, Reply } from '../../call/types.ts';
import { fromGrpc, toGrpc } from './metadata.ts';
import { statusFrom, transportFailure } from './status.ts';

type GrpcCall = ReturnType<Channel['createCall']>;

/**
 * Drives one attempt; `run` is called once. The reply is settled exactly once, and so is its end: by the service's status,
 * by a failure of either side, or by a cancellation, whichever comes first.
 */
export class GrpcStream {
  readonly #attempt: Attempt;
  readonly #channel: Channel;
  /** One response message: the reply waits for the status. */
  readonly #unaryReply: boolean;
  readonly #body: PushBody;
  readonly #reply = Promise.withResolvers<Reply>();
  readonly #end = Promise.withResolvers<Status>();
  #call: GrpcCall | null = null;
  #replied = false;
  #ended = false;
  #head: Metadata | null = null;
  #sawHead = false;
  #message: Message | null = null;
  /** Whoever keeps a list of what runs; called once. */
  onEnded: (() => void) | null = null;

  constructor(attempt: Attempt, channel: Channel) {
    this.#attempt = attempt;
    this.#channel = channel;
    const { kind } = attempt.call.route;
    this.#unaryReply = kind === 'unary' || kind === 'client_stream';
    this.#body = new PushBody({
      pull: () => this.#call?.startRead(),
      cancel: (reason) => this.#fail(reason),
    });
  }

  run(): Promise<Reply> {
    // One that is cancelled already fails here, before the service hears of it.
    this.#attempt.onCancel = (reason) => this.#fail(reason);
    if (!this.#ended) void this.#sendAll();
    return this.#reply.promise;
  }

  /** Ends the call from outside of it. */
  cut(reason: GatewayError): void {
    this.#fail(reason);
  }

  /** Never rejects: a failure of the request body is a failure of the call. */
  async #sendAll(): Promise<void> {
    const { body, route } = this.#attempt.call;
    try {
      if (body.single) await this.#sendSingle();
      else await this.#sendSequence(route.kind);
    } catch (error) {
      this.#fail(GatewayError.from(error));
    }
  }

  /** The service hears nothing before there is something good to read. */
  async #sendSingle(): Promise<void> {
    const message = await this.#attempt.call.body.next();
    if (this.#ended) return;
    if (message === undefined) {
      throw new GatewayError('PG_MESSAGE_COUNT', 'a request message is missing');
    }
    const call = this.#open();
    call.sendMessageWithContext({}, asBuffer(message.bytes));
    call.halfClose();
  }

  /** Where the service can say nothing before it has read, it is called once the first message is good; a dialogue begins at once. */
  async #sendSequence(kind: CallKind): Promise<void> {
    const { body } = this.#attempt.call;
    const early = kind === 'bidi' ? this.#open() : null;
    let message = await body.next();
    if (this.#ended) return;
    const call = early ?? this.#open();
    while (message !== undefined) {
      await this.#write(call, message);
      message = await body.next();
    }
    if (!this.#ended) call.halfClose();
  }

  #open(): GrpcCall {
    const { call, endpoint, deadlineMs } = this.#attempt;
    // The deadline has a timer of its own in the gateway; the service is told what is left of it.
    const leftMs = deadlineMs - call.wheel.clock.nowMs();
    const grpc = this.#channel.createCall(call.route.rpc, Infinity, null, null, null);
    this.#call = grpc;
    grpc.start(toGrpc(call.metadata, leftMs), {
      onReceiveMetadata: (metadata) => this.#onHead(metadata),
      onReceiveMessage: (message: Buffer) => this.#onMessage(message),
      onReceiveStatus: (status) => this.#onStatus(status, endpoint.address),
    });
    if (this.#unaryReply) grpc.startRead();
    return grpc;
  }

  #write(call: GrpcCall, message: Message): Promise<void> {
    this.#attempt.call.touch();
    // grpc-js calls back when the transport took the bytes; a call that has ended calls back as well.
    return new Promise((resolve) => {
      call.sendMessageWithContext({ callback: () => resolve() }, asBuffer(message.bytes));
    });
  }

  #onHead(metadata: GrpcMetadata): void {
    if (this.#ended) return;
    this.#sawHead = true;
    this.#head = fromGrpc(metadata);
    if (this.#unaryReply) return;
    this.#replied = true;
    this.#reply.resolve({ metadata: this.#head, body: this.#body, end: this.#end.promise });
  }

  #onMessage(bytes: Buffer): void {
    if (this.#ended) return;
    this.#attempt.call.touch();
    const message: Message = { codec: 'proto', bytes };
    if (!this.#unaryReply) {
      this.#body.push(message);
    } else if (this.#message === null) {
      this.#message = message;
      // Only a further read lets grpc-js go on to the status, and shows a message too many.
      this.#call?.startRead();
    } else {
      this.#fail(
        new GatewayError('PG_UPSTREAM_PROTOCOL', 'more than one message in a unary answer', {
          reached: 'yes',
        }),
      );
    }
  }

  #onStatus(status: StatusObject, address: string): void {
    if (this.#ended) return;
    const failure = transportFailure(status, this.#sawHead, address);
    if (failure !== undefined) this.#fail(failure);
    else this.#settle(statusFrom(status));
  }

  #settle(status: Status): void {
    if (status.code === 'OK' && this.#unaryReply && this.#message === null) {
      this.#fail(
        new GatewayError('PG_UPSTREAM_PROTOCOL', 'the service answered OK without a message', {
          reached: 'yes',
        }),
      );
      return;
    }
    this.#close();
    this.#body.end();
    this.#end.resolve(status);
    if (!this.#replied) {
      const body =
        status.code === 'OK' && this.#message !== null ? new SingleBody(this.#message) : EMPTY_BODY;
      this.#replied = true;
      this.#reply.resolve({ metadata: this.#head, body, end: status });
    }
    // The service may answer before it has read everything.
    this.#attempt.call.body.cancel(
      new GatewayError('PG_CLIENT_GONE', 'the service has answered already'),
    );
  }

  #fail(reason: GatewayError): void {
    if (this.#ended) return;
    this.#close();
    this.#call?.cancelWithStatus(codes.CANCELLED, 'cancelled by the gateway');
    this.#body.fail(reason);
    this.#end.resolve(statusOf(reason));
    if (!this.#replied) this.#reply.reject(reason);
    this.#replied = true;
    // An upload must not go on for a service that is not there any more.
    this.#attempt.call.body.cancel(reason);
  }

  #close(): void {
    this.#ended = true;
    this.#attempt.onCancel = null;
    this.onEnded?.();
  }
}

/** The same bytes, not a copy. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
