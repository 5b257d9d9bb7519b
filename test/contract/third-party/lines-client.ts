/** A client of the toy protocol for the contract of inbounds. */
import type { Readable } from 'node:stream';
import type { HttpCall, HttpClient } from '../../support/clients/http.ts';
import {
  decodeErrorInfo,
  decodeItem,
  encodeItem,
  type Item,
} from '../../support/clients/messages.ts';
import type {
  CallOptions,
  ClientCall,
  ClientProtocol,
  End,
  Received,
} from '../../support/clients/types.ts';
import { type Fields, type Line, type LineEnd, messageLine } from './lines.ts';

type Head = Readonly<Record<string, string>>;

export const linesClient: ClientProtocol = {
  name: 'lines',
  capabilities: {
    http: ['1.1', '2'],
    kinds: ['unary', 'server_stream', 'client_stream', 'bidi'],
    codecs: ['proto'],
    fullDuplex: ['1.1', '2'],
    envelopes: false,
    endsInBody: true,
    messages: false,
    earlyHead: true,
  },
  open: (http, options) => new LinesCall(http, options),
};

class LinesCall implements ClientCall {
  readonly #http: HttpCall;
  readonly #lines: Line[] = [];
  readonly #head = Promise.withResolvers<Head>();
  readonly #end = Promise.withResolvers<End>();
  #over = false;
  #wake = (): void => {};

  constructor(http: HttpClient, { method, metadata, timeoutMs }: CallOptions) {
    const named = Object.entries(metadata).map(([name, value]) => [`m-${name}`, value] as const);
    this.#http = http.request('POST', `/fault.v1.Fault/${method}`, {
      'content-type': 'application/x-lines',
      'lines-timeout-ms': `${timeoutMs}`,
      ...Object.fromEntries(named),
    });
    void this.#read();
  }

  get head(): Promise<Head> {
    return this.#head.promise;
  }

  get end(): Promise<End> {
    return this.#end.promise;
  }

  send(item: Item): void {
    this.#http.write(messageLine(encodeItem('proto', item)));
  }

  halfClose(): void {
    this.#http.end();
  }

  async next(): Promise<Received | undefined> {
    while (this.#lines.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const line = this.#lines.shift();
    if (line !== undefined && 'message' in line) {
      const bytes = Buffer.from(line.message, 'base64');
      return { item: decodeItem('proto', bytes), bytes, packed: undefined, coding: 'identity' };
    }
    const end = line !== undefined && 'end' in line ? line.end : null;
    this.#end.resolve(endOf(end, (await this.#http.answer).status));
    return undefined;
  }

  cancel(): void {
    this.#http.cancel();
  }

  sendBytes(): void {
    throw new Error('this call has no envelopes');
  }

  arrived(): Promise<void> {
    throw new Error('this call has no envelopes');
  }

  async #read(): Promise<void> {
    try {
      if ((await this.#http.answer).status === 200) await this.#readLines(this.#http.body());
    } catch {
      // Cut off: the end that is missing says so.
    }
    this.#over = true;
    this.#wake();
  }

  async #readLines(body: Readable): Promise<void> {
    let text = '';
    for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const json of lines) {
        const line = JSON.parse(json) as Line;
        if ('head' in line) this.#head.resolve(joined(line.head));
        else this.#lines.push(line);
      }
      this.#wake();
    }
  }
}

function endOf(end: LineEnd | null, httpStatus: number): End {
  if (end === null) return { code: 'CUT', message: '', details: [], trailers: {}, httpStatus };
  const details = end.details
    .filter(({ type }) => type.endsWith('/google.rpc.ErrorInfo'))
    .map(({ value }) => decodeErrorInfo(Buffer.from(value, 'base64')));
  const { code, message, trailers } = end;
  return { code, message, details, trailers: joined(trailers), httpStatus };
}

function joined(fields: Fields): Head {
  return Object.fromEntries(
    Object.entries(fields).map(([name, values]) => [name, values.join(', ')]),
  );
}
