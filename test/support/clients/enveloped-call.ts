/** One call of a protocol whose messages travel in envelopes; what sets gRPC, gRPC-Web and the streams of Connect apart is told to it. */
import type { HttpAnswer, HttpCall, HttpClient } from './http.ts';
import { EnvelopeQueue, inEnvelope } from './envelopes.ts';
import { codingNamed, decodeItem, encodeItem, type Item, pack, unpack } from './messages.ts';
import type { CallOptions, ClientCall, End, Received } from './types.ts';

export interface EnvelopedProtocol {
  /** Without the codec. */
  readonly contentType: string;
  readonly encodingHeader: string;
  readonly acceptHeader: string;
  readonly headers: Readonly<Record<string, string>>;
  timeout(ms: number): Readonly<Record<string, string>>;
  /** Both bodies are base64. */
  readonly text: boolean;
  /** The bit of the flag that says that the envelope is the end; 0 where it is none. */
  readonly endFlag: number;
  /** The end as an envelope has it. */
  endOf(bytes: Buffer, httpStatus: number): End;
  /** The end where no envelope has it: of trailers, of the head, of whatever HTTP says. */
  otherEnd(answer: HttpAnswer, trailers: Readonly<Record<string, string>>): End;
  /** Names of the head that are no metadata. */
  readonly owned: RegExp;
}

export function openEnveloped(
  http: HttpClient,
  protocol: EnvelopedProtocol,
  options: CallOptions,
): ClientCall {
  return new EnvelopedCall(http, protocol, options);
}

class EnvelopedCall implements ClientCall {
  readonly #http: HttpCall;
  readonly #protocol: EnvelopedProtocol;
  readonly #options: CallOptions;
  readonly #queue = new EnvelopeQueue();
  readonly #end = Promise.withResolvers<End>();
  readonly head: Promise<Readonly<Record<string, string>>>;

  constructor(http: HttpClient, protocol: EnvelopedProtocol, options: CallOptions) {
    const { codec, coding, metadata, method, timeoutMs } = options;
    this.#protocol = protocol;
    this.#options = options;
    this.#http = http.request('POST', `/fault.v1.Fault/${method}`, {
      'content-type': `${protocol.contentType}+${codec}`,
      ...protocol.headers,
      ...protocol.timeout(timeoutMs),
      ...(coding !== 'identity' && { [protocol.encodingHeader]: coding }),
      [protocol.acceptHeader]: coding,
      ...metadata,
    });
    this.head = this.#http.answer.then(({ headers }) => metadataOf(headers, protocol.owned));
    void this.#read();
  }

  get end(): Promise<End> {
    return this.#end.promise;
  }

  send(item: Item): void {
    const { codec, coding } = this.#options;
    const packed = pack(coding, encodeItem(codec, item));
    this.sendBytes(inEnvelope(coding === 'identity' ? 0 : 1, packed));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#http.write(
      this.#protocol.text ? Buffer.from(Buffer.from(bytes).toString('base64')) : bytes,
    );
  }

  halfClose(): void {
    this.#http.end();
  }

  async next(): Promise<Received | undefined> {
    const envelope = await this.#queue.next();
    const answer = await this.#http.answer;
    const { endFlag } = this.#protocol;
    if (envelope !== undefined && (envelope.flag & endFlag) === 0) {
      const named = codingNamed(answer.headers[this.#protocol.encodingHeader]);
      const coding = (envelope.flag & 1) === 1 ? named : 'identity';
      const bytes = unpack(coding, envelope.bytes);
      const item = decodeItem(this.#options.codec, bytes);
      return { item, bytes, packed: envelope.bytes, coding };
    }
    this.#end.resolve(
      envelope === undefined
        ? this.#protocol.otherEnd(answer, this.#http.trailers())
        : this.#protocol.endOf(envelope.bytes, answer.status),
    );
    return undefined;
  }

  arrived(bytes: number): Promise<void> {
    return this.#queue.arrived(bytes);
  }

  cancel(): void {
    this.#http.cancel();
  }

  /** Takes bytes as they come, whoever asks for them. */
  async #read(): Promise<void> {
    const { status } = await this.#http.answer;
    try {
      let text = '';
      for await (const chunk of status === 0 ? [] : (this.#http.body() as AsyncIterable<Buffer>)) {
        if (!this.#protocol.text) {
          this.#queue.push(chunk);
          continue;
        }
        text += chunk.toString('latin1');
        const whole = text.length - (text.length % 4);
        this.#queue.push(quadsToBytes(text.slice(0, whole)));
        text = text.slice(whole);
      }
    } catch {
      // Cut off: the end that is missing says so.
    }
    this.#queue.end();
  }
}

/** Padding may stand in the middle, where one part ends and the next begins. */
function quadsToBytes(text: string): Buffer {
  const parts = text.match(/[^=]+={0,2}/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}

export function metadataOf(
  headers: Readonly<Record<string, string>>,
  owned: RegExp,
): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !owned.test(name)));
}

/** Where the protocol's own end is missing. */
export function cutEnd(httpStatus: number, message = 'the end is missing'): End {
  return { code: 'CUT', message, details: [], trailers: {}, httpStatus };
}
