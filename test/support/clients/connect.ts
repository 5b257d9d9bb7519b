/** Connect: unary calls as plain HTTP, its GET, and streams in envelopes. Source: the Connect protocol reference. */
import { cutEnd, type EnvelopedProtocol, metadataOf, openEnveloped } from './enveloped-call.ts';
import type { HttpAnswer, HttpClient } from './http.ts';
import {
  CODECS,
  codingNamed,
  decodeErrorInfo,
  decodeItem,
  type ErrorInfo,
  pack,
  unpack,
} from './messages.ts';
import type { CallOptions, ClientProtocol, End } from './types.ts';
import { openWhole, type WholeProtocol } from './whole-call.ts';

const OWNED =
  /^(?:connect-.*|trailer-.*|accept-encoding|content-.*|date|connection|keep-alive|transfer-encoding|x-request-id|vary)$/;

interface ErrorJson {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

const STREAM: EnvelopedProtocol = {
  contentType: 'application/connect',
  encodingHeader: 'connect-content-encoding',
  acceptHeader: 'connect-accept-encoding',
  headers: { 'connect-protocol-version': '1' },
  timeout: timeoutHeader,
  text: false,
  endFlag: 2,
  endOf(bytes, httpStatus) {
    const { error, metadata = {} } = JSON.parse(bytes.toString('utf8')) as {
      error?: ErrorJson;
      metadata?: Record<string, string[]>;
    };
    const trailers = Object.fromEntries(
      Object.entries(metadata).map(([name, values]) => [name, values.join(', ')]),
    );
    return { ...statusOf(error), trailers, httpStatus };
  },
  otherEnd: ({ status }) => cutEnd(status, `HTTP ${status}`),
  owned: OWNED,
};

export const connectClient: ClientProtocol = {
  name: 'Connect',
  capabilities: {
    http: ['1.1', '2'],
    kinds: ['unary', 'server_stream', 'client_stream', 'bidi'],
    codecs: CODECS,
    fullDuplex: ['2'],
    envelopes: true,
    endsInBody: true,
    messages: true,
    earlyHead: true,
  },
  open: (http, options) =>
    options.kind === 'unary'
      ? openWhole(unary(http, options, post), options)
      : openEnveloped(http, STREAM, options),
};

export const connectGetClient: ClientProtocol = {
  name: 'Connect GET',
  capabilities: {
    http: ['1.1', '2'],
    kinds: ['unary'],
    codecs: CODECS,
    fullDuplex: [],
    envelopes: false,
    endsInBody: true,
    messages: true,
    earlyHead: false,
  },
  open: (http, options) => openWhole(unary(http, options, get), options),
};

type Send = (
  http: HttpClient,
  options: CallOptions,
  message: Buffer,
) => ReturnType<HttpClient['request']>;

function post(http: HttpClient, options: CallOptions, message: Buffer): ReturnType<Send> {
  const { method, codec, coding, metadata, timeoutMs } = options;
  const packed = pack(coding, message);
  const call = http.request('POST', `/fault.v1.Fault/${method}`, {
    'connect-protocol-version': '1',
    'content-type': `application/${codec}`,
    ...(coding !== 'identity' && { 'content-encoding': coding }),
    'accept-encoding': coding,
    ...timeoutHeader(timeoutMs),
    ...metadata,
  });
  call.end(packed);
  return call;
}

function get(http: HttpClient, options: CallOptions, message: Buffer): ReturnType<Send> {
  const { method, codec, coding, metadata, timeoutMs } = options;
  const query = new URLSearchParams({
    connect: 'v1',
    encoding: codec,
    base64: '1',
    ...(coding !== 'identity' && { compression: coding }),
    message: pack(coding, message).toString('base64url'),
  });
  const call = http.request('GET', `/fault.v1.Fault/${method}?${query.toString()}`, {
    'accept-encoding': coding,
    ...timeoutHeader(timeoutMs),
    ...metadata,
  });
  call.end();
  return call;
}

function timeoutHeader(ms: number): Record<string, string> {
  return { 'connect-timeout-ms': `${ms}` };
}

function unary(http: HttpClient, options: CallOptions, send: Send): WholeProtocol {
  return {
    request: (message) => send(http, options, message),
    metadata: ({ headers }) => metadataOf(headers, OWNED),
    message({ headers }, packed) {
      const coding = codingNamed(headers['content-encoding']);
      const bytes = unpack(coding, packed);
      return { item: decodeItem(options.codec, bytes), bytes, packed, coding };
    },
    end: unaryEnd,
  };
}

function unaryEnd({ status, headers }: HttpAnswer, body: Buffer): End {
  const trailers = Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('trailer-') ? [[name.slice('trailer-'.length), value]] : [],
    ),
  );
  if (status === 200) return { ...statusOf(undefined), trailers, httpStatus: status };
  if (headers['content-type'] !== 'application/json') return cutEnd(status, `HTTP ${status}`);
  const error = JSON.parse(body.toString('utf8')) as ErrorJson;
  return { ...statusOf(error), trailers, httpStatus: status };
}

function statusOf(error: ErrorJson | undefined): Pick<End, 'code' | 'message' | 'details'> {
  if (error === undefined) return { code: 'OK', message: '', details: [] };
  const { code, message = '', details = [] } = error;
  const infos = details
    .filter(({ type }) => type === 'google.rpc.ErrorInfo')
    .map(({ value }): ErrorInfo => decodeErrorInfo(Buffer.from(value, 'base64')));
  return { code: code === 'canceled' ? 'CANCELLED' : code.toUpperCase(), message, details: infos };
}
