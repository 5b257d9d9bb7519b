/** The messages of a client that speaks lines: read as they are asked for, and no faster. */
import { PushBody } from '../../../src/call/body.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Message } from '../../../src/call/message.ts';
import type { Body, Sink, Source } from '../../../src/call/types.ts';
import { LineReader } from './lines.ts';

export class LinesRequest implements Body, Sink {
  onDrain: (() => void) | null = null;
  /** Of the method; set when the route is known. */
  single = false;
  readonly #source: Source;
  readonly #lines: LineReader;
  readonly #body: PushBody;
  #begun = false;
  #taken = false;

  constructor(source: Source, maxBytes: number) {
    this.#source = source;
    this.#lines = new LineReader(
      maxBytes,
      () => new GatewayError('PG_BODY_TOO_LARGE', `a message is larger than ${maxBytes} bytes`),
    );
    this.#body = new PushBody({
      pull: () => this.#pull(),
      cancel: (reason) => source.cancel(reason),
    });
  }

  next(): Message | undefined | Promise<Message | undefined> {
    return this.single ? this.#one() : this.#body.next();
  }

  cancel(reason: GatewayError): void {
    this.#body.cancel(reason);
  }

  write(chunk: Uint8Array): boolean {
    try {
      this.#lines.push(chunk, (line) => {
        if (!('message' in line)) throw new GatewayError('PG_MALFORMED_JSON', 'no message');
        this.#body.push({ codec: 'proto', bytes: Buffer.from(line.message, 'base64') });
      });
    } catch (error) {
      const reason =
        error instanceof GatewayError ? error : new GatewayError('PG_MALFORMED_JSON', 'no line');
      this.#body.fail(reason);
      this.#source.cancel(reason);
    }
    return this.#body.waiting === 0;
  }

  end(): void {
    if (this.#lines.within) this.fail(new GatewayError('PG_BODY_INCOMPLETE', 'a line is cut off'));
    else this.#body.end();
  }

  fail(reason: GatewayError): void {
    this.#body.fail(reason);
  }

  #pull(): void {
    if (this.#begun) {
      this.#source.resume();
      return;
    }
    this.#begun = true;
    this.#source.pump(this);
  }

  async #one(): Promise<Message | undefined> {
    if (this.#taken) return undefined;
    this.#taken = true;
    const message = await this.#body.next();
    if (message !== undefined && (await this.#body.next()) === undefined) return message;
    throw new GatewayError('PG_CARDINALITY', 'the method takes exactly one message');
  }
}
