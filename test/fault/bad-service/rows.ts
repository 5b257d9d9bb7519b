/** What a gRPC service can get wrong about its answer, and what each client is told of it. */
import type { ServerHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { encodeItem, envelope, respond, respondOnly } from '../../support/scripted-grpc.ts';
import { type Form, framed } from '../bad-input/form.ts';

/** A service that has sent its head and perhaps messages, and goes on. */
export interface Fault {
  readonly name: string;
  /** Of a method with one response message, or with several; default: both. */
  readonly kind?: 'unary' | 'stream';
  readonly fits?: (form: Form) => boolean;
  /** Of the head that goes ahead; default: a good one. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Trailers behind the end of the body; default: OK. */
  readonly trailers?: Readonly<Record<string, string>>;
  readonly goesOn: (stream: ServerHttp2Stream) => void;
  readonly code: number;
  readonly message: string | RegExp;
  readonly pg: string | null;
}

/** Of an answer that is wrong from its head on. */
export interface BadHead {
  readonly name: string;
  readonly answers: (stream: ServerHttp2Stream) => void;
  readonly code: number;
  readonly message: string | RegExp;
  readonly pg: string | null;
}

export const MAX_BYTES = 1_024;

const UNKNOWN = 2;
const UNIMPLEMENTED = 12;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const protocol = (what: string | RegExp) =>
  ({
    code: INTERNAL,
    message: typeof what === 'string' ? `the service ${what}` : what,
    pg: 'PG_UPSTREAM_PROTOCOL',
  }) as const;
/** statuscodes.md, "Response cardinality violation". */
const cardinality = (what: string) =>
  ({
    code: UNIMPLEMENTED,
    message: `the service ${what}`,
    pg: 'PG_UPSTREAM_CARDINALITY',
  }) as const;
const good = envelope({ name: 'good' });
const proto = encodeItem({ name: 'good' });
const isJson = ({ codec }: Form): boolean => codec === 'json';
const end = (stream: ServerHttp2Stream): void => void stream.end();

export const FAULTS: readonly Fault[] = [
  {
    name: 'trailers without a status',
    trailers: { 'x-last': '1' },
    goesOn: end,
    ...protocol('ended the call without a status'),
  },
  // statuscodes.md: "Error parsing returned status".
  ...['abc', '-1', '99', '1.0', '+5', '0x0'].map(
    (status): Fault => ({
      name: `the status ${JSON.stringify(status)}`,
      trailers: { 'grpc-status': status, 'grpc-message': 'what now' },
      goesOn: (stream) => void stream.end(good),
      code: UNKNOWN,
      message: 'what now',
      pg: null,
    }),
  ),
  {
    name: 'a message that is cut off, and OK',
    goesOn: (stream) => void stream.end(good.subarray(0, -1)),
    ...protocol(/^the service cut off its (?:last )?message$/),
  },
  {
    name: 'a head of a message that is cut off, and OK',
    goesOn: (stream) => void stream.end(good.subarray(0, 4)),
    ...protocol(/^the service cut off its (?:last )?message$/),
  },
  ...[0x02, 0x80, 0xff].map(
    (flag): Fault => ({
      name: `a message with the flag 0x${flag.toString(16)}`,
      goesOn: (stream) => void stream.end(framed(flag, proto)),
      ...protocol('sent a message with a flag that gRPC does not have'),
    }),
  ),
  {
    name: 'a message over the limit',
    goesOn: (stream) => void stream.end(envelope({ name: 'x'.repeat(MAX_BYTES) })),
    code: RESOURCE_EXHAUSTED,
    message: 'a message of the service is too large',
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'the largest length that there is',
    goesOn: (stream) => void stream.write(framed(0, proto, 0xffff_ffff)),
    code: RESOURCE_EXHAUSTED,
    message: 'a message of the service is too large',
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    // compression.md, test case 6.
    name: 'a compressed message, and no encoding',
    goesOn: (stream) => void stream.end(framed(1, gzipSync(proto))),
    ...protocol('compressed a message without saying how (grpc-encoding)'),
  },
  {
    name: 'what is no gzip though the head says so',
    // Nobody looks into what is handed on.
    fits: isJson,
    headers: { 'grpc-encoding': 'gzip' },
    goesOn: (stream) => void stream.end(framed(1, Buffer.from('nothing of the kind'))),
    ...protocol('sent a message that cannot be decompressed'),
  },
  {
    name: 'a small message that inflates over the limit',
    fits: isJson,
    headers: { 'grpc-encoding': 'gzip' },
    goesOn: (stream) =>
      void stream.end(framed(1, gzipSync(encodeItem({ name: 'x'.repeat(100_000) })))),
    code: RESOURCE_EXHAUSTED,
    message: 'a message of the service is too large',
    pg: 'PG_RESPONSE_TOO_LARGE',
  },
  {
    name: 'bytes that are no message',
    fits: isJson,
    goesOn: (stream) => void stream.end(framed(0, Buffer.from([0x0a, 0x7f, 0x41]))),
    code: INTERNAL,
    message: /./,
    pg: 'PG_RESPONSE_UNREADABLE',
  },
  {
    name: 'a reset',
    goesOn: (stream) => void stream.write(good.subarray(0, 7), () => stream.close(2)),
    code: UNAVAILABLE,
    message: /./,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'a connection that breaks off',
    goesOn: (stream) => stream.session?.destroy(),
    code: UNAVAILABLE,
    message: /./,
    pg: 'PG_UPSTREAM_RESET',
  },
  {
    name: 'OK and no message',
    kind: 'unary',
    goesOn: end,
    ...cardinality('sent OK and no message'),
  },
  {
    name: 'more than one message',
    kind: 'unary',
    goesOn: (stream) => void stream.end(Buffer.concat([good, good])),
    ...cardinality('sent more than one message in a unary answer'),
  },
];

export const BAD_HEADS: readonly BadHead[] = [
  {
    name: 'a head that is the end and has no status',
    answers: (stream) => respondOnly(stream, {}),
    ...protocol('ended the call without a status'),
  },
  {
    name: 'OK with the head, and no message',
    answers: (stream) => respondOnly(stream, { 'grpc-status': '0' }),
    ...cardinality('sent OK and no message'),
  },
  {
    name: 'a page of HTML',
    answers: (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'text/html' });
      stream.end('<h1>hello</h1>');
    },
    // http-grpc-status-mapping.md: 200 is none of those that have a code of their own.
    code: UNKNOWN,
    message: 'the service answered with text/html instead of gRPC',
    pg: null,
  },
  {
    name: 'a compression that it was not offered',
    answers: (stream) => {
      respond(stream, { 'grpc-status': '0' }, { 'grpc-encoding': 'snappy' });
      stream.end(good);
    },
    ...protocol('compresses with what it was not offered (grpc-encoding)'),
  },
  // http-grpc-status-mapping.md.
  ...(
    [
      [400, INTERNAL],
      [401, UNAUTHENTICATED],
      [404, UNIMPLEMENTED],
      [429, UNAVAILABLE],
      [502, UNAVAILABLE],
      [503, UNAVAILABLE],
      [500, UNKNOWN],
      [301, UNKNOWN],
    ] as const
  ).flatMap(([status, code]) =>
    [true, false].map(
      (endStream): BadHead => ({
        name: `the HTTP status ${status}${endStream ? '' : ' and a page'}`,
        answers: (stream) => {
          stream.respond({ ':status': status, 'content-type': 'text/html' }, { endStream });
          if (!endStream) stream.end('<h1>sorry</h1>');
        },
        code,
        message: `the service answered with the HTTP status ${status} instead of gRPC`,
        pg: null,
      }),
    ),
  ),
];
