/** The answer of a service that speaks lines. A line is looked at when the message before it was asked for: an end counts when it is read. */
import type { Socket } from 'node:net';
import { PushBody, SingleBody } from '../../../src/call/body.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Message } from '../../../src/call/message.ts';
import type { Metadata } from '../../../src/call/metadata.ts';
import { type Status, statusOf } from '../../../src/call/status.ts';
import type { CallKind, Reply } from '../../../src/call/types.ts';
import { type Line, LineReader, metadataFrom, statusFrom } from './lines.ts';

export class LinesReply {
  /** Resolves when nothing more comes: with null behind a proper end, else with what broke it off. */
  readonly over: Promise<GatewayError | null>;
  readonly #settleOver: (reason: GatewayError | null) => void;
  readonly #streams: boolean;
  readonly #reader: LineReader;
  readonly #lines: Line[] = [];
  readonly #body: PushBody;
  readonly #reply = Promise.withResolvers<Reply>();
  readonly #end = Promise.withResolvers<Status>();
  #socket: Socket | null = null;
  #metadata: Metadata | null = null;
  #single: Message | null = null;
  /** Behind the lines that were good. */
  #failure: GatewayError | null = null;
  #broken = false;
  #ended = false;

  constructor(kind: CallKind, maxBytes: number) {
    this.#streams = kind === 'server_stream' || kind === 'bidi';
    const tooLarge = `the service sent more than ${maxBytes} bytes`;
    this.#reader = new LineReader(
      maxBytes,
      () => new GatewayError('PG_RESPONSE_TOO_LARGE', tooLarge, { reached: 'yes' }),
    );
    this.#body = new PushBody({
      pull: () => this.#advance(),
      cancel: (reason) => this.break(reason),
    });
    const { promise, resolve } = Promise.withResolvers<GatewayError | null>();
    this.over = promise;
    this.#settleOver = resolve;
  }

  get reply(): Promise<Reply> {
    return this.#reply.promise;
  }

  /** Whether it has begun. */
  get headed(): boolean {
    return this.#metadata !== null;
  }

  get broken(): boolean {
    return this.#broken;
  }

  readFrom(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', (chunk) => {
      try {
        this.#reader.push(chunk, (line) => this.#lines.push(line));
      } catch (error) {
        this.#failure = GatewayError.from(error);
      }
      this.#advance();
    });
  }

  /** Nothing follows what has come. */
  breakBehind(reason: GatewayError): void {
    this.#failure ??= reason;
    this.#advance();
  }

  /** The first reason stays; behind the end nothing happens. */
  break(reason: GatewayError): void {
    if (this.#broken || this.#ended) return;
    this.#broken = true;
    this.#lines.length = 0;
    this.#reply.reject(reason);
    if (reason.pg === 'PG_UPSTREAM_RESET') this.#body.fail(reason);
    else this.#body.cancel(reason);
    this.#end.resolve(statusOf(reason));
    this.#settleOver(reason);
  }

  /** As long as nobody has a message to read first. */
  #advance(): void {
    while (this.#body.waiting === 0 && !this.#broken && !this.#ended) {
      const line = this.#lines.shift();
      if (line === undefined) break;
      this.#take(line);
    }
    if (this.#lines.length > 0) this.#socket?.pause();
    else if (this.#failure !== null && this.#body.waiting === 0) this.break(this.#failure);
    else this.#socket?.resume();
  }

  #take(line: Line): void {
    if ('head' in line) {
      this.#metadata = metadataFrom(line.head);
      if (this.#streams) this.#settle(this.#body, this.#end.promise);
    } else if ('message' in line) {
      const message: Message = { codec: 'proto', bytes: Buffer.from(line.message, 'base64') };
      if (this.#streams) this.#body.push(message);
      else this.#single = message;
    } else if ('end' in line) {
      this.#finish(statusFrom(line.end));
    }
  }

  #finish(status: Status): void {
    this.#ended = true;
    this.#body.end();
    this.#end.resolve(status);
    this.#settle(this.#single === null ? this.#body : new SingleBody(this.#single), status);
    this.#settleOver(null);
  }

  #settle(body: Reply['body'], end: Reply['end']): void {
    this.#reply.resolve({ metadata: this.#metadata, body, end });
  }
}
