/** One call whose request is a single piece and whose answer is as well: Connect's unary calls, and REST's. */
import { once } from 'node:events';
import type { HttpAnswer, HttpCall } from './http.ts';
import { encodeItem, type Item } from './messages.ts';
import type { CallOptions, ClientCall, End, Received } from './types.ts';

export interface WholeProtocol {
  /** Sends what the call has to say. */
  request(message: Buffer): HttpCall;
  metadata(answer: HttpAnswer): Record<string, string>;
  /** Throws where a good answer is none. */
  message(answer: HttpAnswer, body: Buffer): Received;
  end(answer: HttpAnswer, body: Buffer): End;
}

export function openWhole(protocol: WholeProtocol, options: CallOptions): ClientCall {
  return new WholeCall(protocol, options);
}

class WholeCall implements ClientCall {
  readonly #protocol: WholeProtocol;
  readonly #options: CallOptions;
  readonly #sent = Promise.withResolvers<HttpCall | null>();
  readonly #end = Promise.withResolvers<End>();
  #message: Buffer | null = null;
  #read = false;

  constructor(protocol: WholeProtocol, options: CallOptions) {
    this.#protocol = protocol;
    this.#options = options;
  }

  get head(): Promise<Readonly<Record<string, string>>> {
    return this.#answer().then((answer) => this.#protocol.metadata(answer));
  }

  get end(): Promise<End> {
    return this.#end.promise;
  }

  send(item: Item): void {
    if (this.#message !== null) throw new Error('this call has a single message');
    this.#message = encodeItem(this.#options.codec, item);
  }

  sendBytes(): void {
    throw new Error('this call has no envelopes');
  }

  halfClose(): void {
    this.#sent.resolve(this.#protocol.request(this.#message ?? Buffer.alloc(0)));
  }

  async next(): Promise<Received | undefined> {
    const answer = await this.#answer();
    if (this.#read) return undefined;
    this.#read = true;
    const http = await this.#sent.promise;
    const body = http === null || answer.status === 0 ? undefined : await bodyOf(http);
    if (body === undefined) {
      this.#end.resolve({ code: 'CUT', message: '', details: [], trailers: {}, httpStatus: 0 });
      return undefined;
    }
    const end = this.#protocol.end(answer, body);
    this.#end.resolve(end);
    return end.code === 'OK' ? this.#protocol.message(answer, body) : undefined;
  }

  arrived(): Promise<void> {
    throw new Error('this call has no envelopes');
  }

  cancel(): void {
    void this.#sent.promise.then((http) => http?.cancel());
    this.#sent.resolve(null);
  }

  async #answer(): Promise<HttpAnswer> {
    const http = await this.#sent.promise;
    return http === null ? { status: 0, headers: {} } : http.answer;
  }
}

/** Undefined where it broke off. */
async function bodyOf(http: HttpCall): Promise<Buffer | undefined> {
  const stream = http.body();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  try {
    await once(stream, 'end');
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
