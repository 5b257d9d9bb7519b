/** REST by http rules: JSON, NDJSON for streams, or server-sent events for those of the service. */
import { pipeline, type Readable, type Transform } from 'node:stream';
import {
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createZstdCompress,
  createZstdDecompress,
} from 'node:zlib';
import { STATUS_CODES } from '../../../src/call/status.ts';
import { cutEnd, metadataOf } from './enveloped-call.ts';
import type { HttpAnswer, HttpCall, HttpClient } from './http.ts';
import {
  type Coding,
  codingNamed,
  type ErrorInfo,
  infoOf,
  encodeItem,
  type Item,
  itemOf,
  pack,
  unpack,
} from './messages.ts';
import type { CallOptions, ClientCall, ClientProtocol, End, Received } from './types.ts';
import { openWhole, type WholeProtocol } from './whole-call.ts';

const OWNED =
  /^(?:grpc-.*|content-.*|date|connection|keep-alive|transfer-encoding|x-request-id|vary|cache-control|trailer|x-content-type-options)$/;
/** Of http rules; what has none takes the path of the RPC. */
const PATHS: Readonly<Record<string, string>> = {
  Create: '/v1/items',
  Upload: '/v1/items:upload',
  Talk: '/v1/items:talk',
};

interface StatusJson {
  readonly code: number;
  readonly message: string;
  readonly details?: readonly ({ '@type': string } & object)[];
}

export const restClient: ClientProtocol = {
  name: 'REST',
  capabilities: {
    http: ['1.1', '2'],
    kinds: ['unary', 'server_stream', 'client_stream', 'bidi'],
    codecs: ['json'],
    fullDuplex: ['1.1', '2'],
    envelopes: false,
    endsInBody: true,
    messages: false,
    earlyHead: false,
  },
  open: (http, options) =>
    options.kind === 'unary'
      ? openWhole(unary(http, options), options)
      : new StreamedCall(http, options, 'application/x-ndjson'),
};

export const restEventsClient: ClientProtocol = {
  name: 'REST, server-sent events',
  capabilities: {
    http: ['1.1', '2'],
    kinds: ['server_stream', 'bidi'],
    codecs: ['json'],
    fullDuplex: ['1.1', '2'],
    envelopes: false,
    endsInBody: true,
    messages: false,
    earlyHead: false,
  },
  open: (http, options) => new StreamedCall(http, options, 'text/event-stream'),
};

function request(
  http: HttpClient,
  options: CallOptions,
  headers: Record<string, string>,
): HttpCall {
  const { method, coding, codec, metadata, timeoutMs } = options;
  return http.request('POST', PATHS[method] ?? `/fault.v1.Fault/${method}`, {
    'accept-encoding': coding,
    ...(coding !== 'identity' && { 'content-encoding': coding }),
    te: 'trailers',
    'x-request-timeout': `${timeoutMs}ms`,
    ...headers,
    ...(codec === 'proto' && { 'content-type': 'application/protobuf' }),
    ...metadata,
  });
}

function unary(http: HttpClient, options: CallOptions): WholeProtocol {
  return {
    request(message) {
      const call = request(http, options, { 'content-type': 'application/json' });
      call.end(pack(options.coding, message));
      return call;
    },
    metadata: ({ headers }) => metadataOf(headers, OWNED),
    message({ headers }, packed) {
      const coding = codingNamed(headers['content-encoding']);
      const bytes = unpack(coding, packed);
      return { item: itemOf(JSON.parse(bytes.toString('utf8'))), bytes, packed, coding };
    },
    end(answer, packed) {
      const body = unpack(codingNamed(answer.headers['content-encoding']), packed);
      return endOf(answer, answer.status === 200 ? undefined : body.toString('utf8'), {});
    },
  };
}

class StreamedCall implements ClientCall {
  readonly #http: HttpCall;
  readonly #packer: Transform | null;
  readonly #events: boolean;
  readonly #end = Promise.withResolvers<End>();
  #lines: AsyncIterator<string> | null = null;
  #cut = false;
  readonly head: Promise<Readonly<Record<string, string>>>;

  constructor(http: HttpClient, options: CallOptions, accept: string) {
    const streams = options.kind !== 'server_stream';
    const type = streams ? 'application/x-ndjson' : 'application/json';
    this.#http = request(http, options, { accept, 'content-type': type });
    this.#events = accept === 'text/event-stream';
    this.head = this.#http.answer.then(({ headers }) => metadataOf(headers, OWNED));
    this.#packer = packer(options.coding);
    this.#packer?.on('data', (chunk: Buffer) => this.#http.write(chunk));
    this.#packer?.on('end', () => this.#http.end());
  }

  get end(): Promise<End> {
    return this.#end.promise;
  }

  send(item: Item): void {
    const line = Buffer.concat([encodeItem('json', item), Buffer.from('\n')]);
    if (this.#packer === null) this.#http.write(line);
    else this.#packer.write(line);
  }

  sendBytes(): void {
    throw new Error('this call has no envelopes');
  }

  halfClose(): void {
    if (this.#packer === null) this.#http.end();
    else this.#packer.end();
  }

  async next(): Promise<Received | undefined> {
    const answer = await this.#http.answer;
    const coding = codingNamed(answer.headers['content-encoding']);
    if (answer.status === 0) return this.#finish(cutEnd(0));
    this.#lines ??= linesOf(unpacked(this.#http.body(), coding), () => (this.#cut = true));
    if (answer.status !== 200) {
      let text = '';
      for (let line = await this.#line(); line !== undefined; line = await this.#line())
        text += line;
      return this.#finish(endOf(answer, text, {}));
    }
    const element = this.#events ? await this.#event() : await this.#element();
    if (element === undefined) {
      return this.#finish(
        this.#cut || this.#events ? cutEnd(200) : endOf(answer, undefined, this.#http.trailers()),
      );
    }
    if ('end' in element) return this.#finish(endOf(answer, undefined, this.#http.trailers()));
    if ('error' in element) {
      // Trailers are there behind the end of the body.
      while ((await this.#line()) !== undefined);
      return this.#finish(endOf(answer, element.error, this.#http.trailers()));
    }
    const { text } = element;
    const bytes = Buffer.from(text);
    return { item: itemOf(JSON.parse(text)), bytes, packed: undefined, coding };
  }

  arrived(): Promise<void> {
    throw new Error('this call has no envelopes');
  }

  cancel(): void {
    this.#http.cancel();
  }

  #finish(end: End): undefined {
    this.#end.resolve(end);
    return undefined;
  }

  async #line(): Promise<string | undefined> {
    const next = await this.#lines?.next();
    return next?.done === true ? undefined : next?.value;
  }

  async #element(): Promise<Element | undefined> {
    const line = await this.#line();
    if (line === undefined) return undefined;
    const json = JSON.parse(line) as { error?: unknown };
    return json.error === undefined ? { text: line } : { error: JSON.stringify(json.error) };
  }

  async #event(): Promise<Element | undefined> {
    let event = 'message';
    for (let line = await this.#line(); line !== undefined; line = await this.#line()) {
      if (line.startsWith('event: ')) event = line.slice('event: '.length);
      if (!line.startsWith('data: ')) continue;
      const text = line.slice('data: '.length);
      if (event === 'message') return { text };
      await this.#line();
      if (event === 'end' && (await this.#line()) !== undefined) return undefined;
      return event === 'error' ? { error: text } : { end: true };
    }
    return undefined;
  }
}

type Element = { readonly text: string } | { readonly error: string } | { readonly end: true };

/** `text` is a google.rpc.Status in JSON; undefined where the call went well. */
function endOf(
  { status: httpStatus, headers }: HttpAnswer,
  text: string | undefined,
  behind: Readonly<Record<string, string>>,
): End {
  const trailers = Object.fromEntries(
    Object.entries({ ...headers, ...behind }).flatMap(([name, value]) =>
      name.startsWith('grpc-trailer-') ? [[name.slice('grpc-trailer-'.length), value]] : [],
    ),
  );
  if (text === undefined) return { code: 'OK', message: '', details: [], trailers, httpStatus };
  const { code, message, details = [] } = JSON.parse(text) as StatusJson;
  return {
    code: STATUS_CODES[code] ?? `${code}`,
    message,
    details: details
      .filter((detail) => detail['@type'].endsWith('/google.rpc.ErrorInfo'))
      .map((detail): ErrorInfo => infoOf(detail)),
    trailers,
    httpStatus,
  };
}

/** What compresses a body message by message. */
function packer(coding: Coding): Transform | null {
  switch (coding) {
    case 'identity':
      return null;
    case 'gzip':
      return createGzip({ flush: constants.Z_SYNC_FLUSH });
    case 'deflate':
      return createDeflate({ flush: constants.Z_SYNC_FLUSH });
    case 'br':
      return createBrotliCompress({ flush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return createZstdCompress({ flush: constants.ZSTD_e_flush });
  }
}

function unpacked(body: Readable, coding: Coding): Readable {
  if (coding === 'identity') return body;
  const transform = {
    gzip: createGunzip,
    deflate: createInflate,
    br: createBrotliDecompress,
    zstd: createZstdDecompress,
  }[coding]();
  // A body that breaks off destroys the transform as well, and whoever reads that is told.
  return pipeline(body, transform, () => {});
}

async function* linesOf(body: Readable, onCut: () => void): AsyncGenerator<string, undefined> {
  let text = '';
  try {
    for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    onCut();
  }
  if (text !== '') yield text;
}
