/** One gRPC call on a stream of the transport, from the first byte of the request to the one end of both sides. */
import type { Attempt } from '../../call/attempt.ts';
import { EMPTY_BODY } from '../../call/body.ts';
import { GatewayError } from '../../call/error.ts';
import type { Metadata } from '../../call/metadata.ts';
import { type Status, statusOf } from '../../call/status.ts';
import type { FieldSection, OutgoingStream, StreamListener } from '../../call/transport.ts';
import type { Reply } from '../../call/types.ts';
import type { Compression } from '../../compression/compression.ts';
import { notOneAnswer, OF_SERVICE } from '../../rpc/faults.ts';
import { type RequestOwner, RequestSender } from './request-sender.ts';
import type { ResponseOwner } from './response.ts';
import { readHead, readTrailers } from './response-head.ts';
import { SingleResponse } from './single-response.ts';
import { StreamedResponse } from './streamed-response.ts';
import type { GrpcWire } from './wire.ts';

const NOTHING = new Uint8Array();

/**
 * Drives one attempt; `run` is called once. The reply is settled exactly once, and so is its end: by the service's status once its
 * messages have been read, by a failure of either side, or by a cancellation, whichever comes first.
 */
export class GrpcStream implements StreamListener, RequestOwner, ResponseOwner {
  readonly #attempt: Attempt;
  readonly #wire: GrpcWire;
  /** One response message: the reply waits for the status. */
  readonly #unaryReply: boolean;
  readonly #request: RequestSender;
  readonly #reply = Promise.withResolvers<Reply>();
  /** Of a reply that comes before its end. */
  #end: PromiseWithResolvers<Status> | null = null;
  #stream: OutgoingStream | null = null;
  #response: SingleResponse | StreamedResponse | null = null;
  #replied = false;
  #head: Metadata | null = null;
  #sawHead = false;
  over = false;

  constructor(attempt: Attempt, wire: GrpcWire) {
    this.#attempt = attempt;
    this.#wire = wire;
    const { kind } = attempt.call.route;
    this.#unaryReply = kind === 'unary' || kind === 'client_stream';
    this.#request = new RequestSender(attempt.call, this, wire.compression);
  }

  run(): Promise<Reply> {
    // One that is cancelled already fails here, before the service hears of it.
    this.#attempt.onCancel = (reason) => this.#cancel(reason);
    if (!this.over) this.#request.start();
    return this.#reply.promise;
  }

  open(encoding: string | undefined): OutgoingStream {
    const { call, endpoint, deadlineMs } = this.#attempt;
    const { transport } = this.#wire;
    // The deadline has a timer of its own in the gateway; the service is told what is left of it.
    const leftMs = deadlineMs - call.wheel.clock.nowMs();
    // As long as it gets: a list that grows has room for seventeen.
    const blocks = [
      this.#wire.headOf(call.route.rpc),
      leftMs === Infinity ? NOTHING : this.#wire.timeoutOf(leftMs),
      encoding === undefined ? NOTHING : transport.encode(['grpc-encoding', encoding]),
      call.metadata.size === 0 ? NOTHING : call.metadata.derive(this.#wire.metadataOf),
    ];
    this.#stream = transport.open(endpoint, blocks, this);
    return this.#stream;
  }

  onHeaders(section: FieldSection, ended: boolean): void {
    if (this.over) return;
    if (this.#sawHead || ended) {
      this.#onStatus(section);
      return;
    }
    this.#sawHead = true;
    const head = readHead(section);
    if (head.status !== null) {
      this.settle(head.status);
    } else if (head.fault !== null) {
      this.fail(OF_SERVICE.malformed(head.fault));
    } else {
      this.#head = head.metadata?.fork() ?? null;
      this.#expect(head.compression);
    }
  }

  onData(bytes: Uint8Array, ended: boolean): void {
    if (this.over) return;
    this.#response?.push(bytes);
    if (ended) this.#withoutStatus();
  }

  onDrain(): void {
    this.#request.drained();
  }

  onFailed(reason: GatewayError): void {
    this.#stream = null;
    const { call, deadlineMs } = this.#attempt;
    // A service that keeps the deadline resets the stream, and may do so before the timer of the call has fired.
    const late = call.wheel.clock.nowMs() >= deadlineMs;
    this.fail(late ? exceeded(reason) : reason);
  }

  credit(bytes: number): void {
    this.#stream?.credit(bytes);
  }

  touch(): void {
    this.#attempt.call.touch();
  }

  settle(status: Status): void {
    if (this.over) return;
    this.#close(null);
    this.#end?.resolve(status);
    if (!this.#replied) {
      const body = (status.code === 'OK' ? this.#response : null) ?? EMPTY_BODY;
      this.#replied = true;
      this.#reply.resolve({ metadata: this.#head, body, end: status });
    }
    // The service may answer before it has read everything.
    const { body } = this.#attempt.call;
    if (!body.single) body.cancel(ANSWERED);
  }

  fail(reason: GatewayError): void {
    if (this.over) return;
    this.#close(reason);
    this.#end?.resolve(statusOf(reason));
    if (!this.#replied) this.#reply.reject(reason);
    this.#replied = true;
    // An upload must not go on for a service that is not there any more.
    this.#attempt.call.body.cancel(reason);
  }

  /** Ends the call from the gateway's side. */
  #cancel(reason: GatewayError): void {
    if (this.#response instanceof StreamedResponse) this.#response.cancel(reason);
    else this.fail(reason);
  }

  /** The head is there, messages follow. */
  #expect(compression: Compression | null): void {
    const rules = { faults: OF_SERVICE, maxBytes: this.#wire.maxMessageBytes, compression };
    if (this.#unaryReply) {
      this.#response = new SingleResponse(this, rules);
      return;
    }
    const body = new StreamedResponse(this, rules);
    this.#response = body;
    this.#end = Promise.withResolvers();
    this.#replied = true;
    this.#reply.resolve({ metadata: this.#head, body, end: this.#end.promise });
  }

  #onStatus(section: FieldSection): void {
    const status = this.#sawHead ? readTrailers(section).status : readHead(section).lastStatus;
    this.#sawHead = true;
    if (status === null) this.#withoutStatus();
    else if (this.#response !== null) this.#response.finish(status);
    else if (this.#unaryReply && status.code === 'OK')
      this.fail(notOneAnswer('sent OK and no message'));
    else this.settle(status);
  }

  #withoutStatus(): void {
    const reason = OF_SERVICE.malformed('ended the call without a status');
    // The messages of a stream that came before are whole, and reach the client as they do before any other status.
    if (this.#response instanceof StreamedResponse) this.#response.finish(statusOf(reason));
    else this.fail(reason);
  }

  #close(reason: GatewayError | null): void {
    this.over = true;
    this.#attempt.onCancel = null;
    this.#request.drained();
    this.#stream?.cancel();
    this.#stream = null;
    this.#response?.close(reason);
  }
}

const ANSWERED = new GatewayError('PG_CLIENT_GONE', 'the service has answered already');

function exceeded(cause: GatewayError): GatewayError {
  const options = { reached: cause.reached, cause };
  return new GatewayError(
    'PG_DEADLINE_EXCEEDED',
    'no complete answer within the deadline',
    options,
  );
}
