/** The forms that a request can have: each is one column of the table, told by what it is made of, so that no cell is listed by hand. */
import { encodeItem } from '../../support/scripted-grpc.ts';

export type Shape = 'grpc' | 'grpc-web' | 'connect-stream' | 'connect-unary' | 'rest';
export type HttpVersion = '1.1' | '2';

export interface Form {
  readonly name: string;
  /** How its answers look. */
  readonly shape: Shape;
  readonly http: readonly HttpVersion[];
  readonly codec: 'proto' | 'json';
  /** Where the messages of a request stand. */
  readonly place: 'envelopes' | 'body' | 'query';
  /** What stands there is base64. */
  readonly base64: boolean;
  /** The method takes exactly one message. */
  readonly single: boolean;
  readonly method: string;
  /** The content type; of a query the value of `encoding`. */
  readonly type: string;
  /** Types that nobody here understands. */
  readonly otherTypes: readonly string[];
  readonly answerType: string;
  /** Of an answer to one of the other types, where it is not in JSON anyway. */
  readonly refusalType: string;
  /** Where the compression is told; of a query a parameter. */
  readonly encoding: string;
  readonly timeout: Timeout;
}

interface Timeout {
  readonly header: string;
  readonly bad: readonly string[];
  readonly good: string;
  readonly goodMs: number;
  readonly expected: string;
}

const GRPC_TIMEOUT: Timeout = {
  header: 'grpc-timeout',
  // PROTOCOL-HTTP2.md: at most eight digits and a unit.
  bad: ['', '5', 'S', '123456789m', '-1S', '1.5S', '5s', '5 S', '0x5S'],
  good: '250m',
  goodMs: 250,
  expected:
    'Grpc-Timeout is no timeout: expected up to eight digits and one of H M S m u n, as 500m',
};
const CONNECT_TIMEOUT: Timeout = {
  header: 'connect-timeout-ms',
  // Connect: a positive integer of at most ten digits.
  bad: ['', '5s', '12345678901', '-1', '1.5', '1e3', '0x10', 'Infinity'],
  good: '250',
  goodMs: 250,
  expected: 'Connect-Timeout-Ms is no timeout: expected up to ten digits, as 500',
};
const REST_TIMEOUT: Timeout = { ...GRPC_TIMEOUT, bad: ['5', 'S', '123456789m', '-1S', '5s'] };

const BOTH = ['1.1', '2'] as const;
const CODECS = ['proto', 'json'] as const;

/** One message, and uploads of several. */
const kinds = (single: string): readonly (readonly [boolean, string])[] => [
  [true, single],
  [false, 'Upload'],
];

const ENVELOPES: readonly Form[] = [
  ...CODECS.flatMap((codec) =>
    kinds('Get').map(([single, method]): Form => {
      const type = codec === 'json' ? 'application/grpc+json' : 'application/grpc';
      return {
        name: `gRPC, ${codec}, ${method}`,
        shape: 'grpc',
        // It ends in trailers.
        http: ['2'],
        codec,
        place: 'envelopes',
        base64: false,
        single,
        method,
        type,
        otherTypes: ['application/grpc+thrift', 'application/grpcx', 'application/grpc+'],
        answerType: type,
        refusalType: 'application/grpc',
        encoding: 'grpc-encoding',
        timeout: GRPC_TIMEOUT,
      };
    }),
  ),
  ...[false, true].flatMap((base64) =>
    CODECS.flatMap((codec) =>
      kinds('Get').map(([single, method]): Form => {
        const type = `application/grpc-web${base64 ? '-text' : ''}+${codec}`;
        return {
          name: `gRPC-Web${base64 ? ' text' : ''}, ${codec}, ${method}`,
          shape: 'grpc-web',
          http: BOTH,
          codec,
          place: 'envelopes',
          base64,
          single,
          method,
          type,
          otherTypes: [
            'application/grpc-web+thrift',
            'application/grpc-web-text+',
            'application/grpc-webx',
          ],
          answerType: type,
          refusalType: 'application/grpc-web+proto',
          encoding: 'grpc-encoding',
          timeout: GRPC_TIMEOUT,
        };
      }),
    ),
  ),
  ...CODECS.flatMap((codec) =>
    kinds('Watch').map(([single, method]): Form => {
      const type = `application/connect+${codec}`;
      return {
        name: `Connect stream, ${codec}, ${method}`,
        shape: 'connect-stream',
        http: BOTH,
        codec,
        place: 'envelopes',
        base64: false,
        single,
        method,
        type,
        otherTypes: ['application/connect+thrift', 'application/connect+'],
        answerType: type,
        refusalType: 'application/connect+json',
        encoding: 'connect-content-encoding',
        timeout: CONNECT_TIMEOUT,
      };
    }),
  ),
];

const CONNECT_UNARY: readonly Form[] = (['body', 'query'] as const).flatMap((place) =>
  CODECS.map(
    (codec): Form => ({
      name: `Connect ${place === 'body' ? 'POST' : 'GET'}, ${codec}`,
      shape: 'connect-unary',
      http: BOTH,
      codec,
      place,
      // Bytes need it.
      base64: place === 'query' && codec === 'proto',
      single: true,
      method: 'Get',
      type: place === 'body' ? `application/${codec}` : codec,
      otherTypes:
        place === 'body'
          ? ['text/plain', 'application/thrift', 'application/json; charset=latin1']
          : ['thrift', ''],
      answerType: `application/${codec}`,
      refusalType: 'application/json',
      encoding: place === 'body' ? 'content-encoding' : 'compression',
      timeout: CONNECT_TIMEOUT,
    }),
  ),
);

const REST: Form = {
  name: 'REST',
  shape: 'rest',
  http: BOTH,
  codec: 'json',
  place: 'body',
  base64: false,
  single: true,
  method: 'Get',
  type: 'application/json',
  otherTypes: ['text/plain', 'application/xml', 'application/json; charset=latin1'],
  answerType: 'application/json',
  refusalType: 'application/json',
  encoding: 'content-encoding',
  timeout: REST_TIMEOUT,
};

export const FORMS: readonly Form[] = [...ENVELOPES, ...CONNECT_UNARY, REST];

/** A message in the codec of the form. */
export function message({ codec }: Form, name: string): Uint8Array {
  return codec === 'proto' ? encodeItem({ name }) : Buffer.from(JSON.stringify({ name }));
}

export function framed(flag: number, bytes: Uint8Array, length: number = bytes.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, bytes]);
}

/** A good message as it stands in a request, before base64 and the like. */
export function goodPayload(form: Form, name: string = 'good'): Uint8Array {
  const bytes = message(form, name);
  return form.place === 'envelopes' ? framed(0, bytes) : bytes;
}
