/** What can be wrong with a request: each is one row of the table, and says by what a form is made of where it can happen. */
import { gzipSync } from 'node:zlib';
import { type Form, framed, goodPayload, message } from './form.ts';
import type { Expected } from './shapes.ts';
import type { Input } from './wire.ts';

export interface Row {
  readonly name: string;
  readonly fits: (form: Form) => boolean;
  readonly input: (form: Form) => Input;
  readonly expected: (form: Form) => Expected;
  /** What is wrong comes last: an upload that is handed through has begun at the service by then, and is cut there. */
  readonly late?: true;
}

/** The limits of the gateway under test, for bodies and messages. */
export const MAX_BYTES = 1_024;

const isEnveloped = ({ place }: Form): boolean => place === 'envelopes';
const isBare = ({ place }: Form): boolean => place !== 'envelopes';
const isJson = ({ codec }: Form): boolean => codec === 'json';
const isRest = ({ shape }: Form): boolean => shape === 'rest';
const isConnect = ({ shape }: Form): boolean => shape.startsWith('connect');
const always = (): boolean => true;

/** Of `good` in gzip with the flag of envelopes; `broken` is none. */
const packed = (form: Form, bytes: Uint8Array): Uint8Array =>
  isEnveloped(form) ? framed(1, bytes) : bytes;

const envelope = (what: string): Expected => ({
  pg: 'PG_BAD_ENVELOPE',
  code: 'INTERNAL',
  message: `the client ${what}`,
});
const FLAG = envelope('sent a message with a flag that gRPC does not have');
const CUT_OFF = envelope('cut off its last message');
const NO_ENCODING = envelope('compressed a message without saying how (grpc-encoding)');
const cardinality = (found: string): Expected => ({
  pg: 'PG_CARDINALITY',
  // statuscodes.md, "Request cardinality violation".
  code: 'UNIMPLEMENTED',
  message: `the method takes exactly one request message, and the client sent ${found}`,
});
const invalid = (pg: string, said: string | RegExp): Expected => ({
  pg,
  code: 'INVALID_ARGUMENT',
  message: said,
});

/** statuscodes.md: "Sent or received message was larger than configured limit". */
function tooLarge(form: Form): Expected {
  return {
    pg: 'PG_BODY_TOO_LARGE',
    code: 'RESOURCE_EXHAUSTED',
    message: isEnveloped(form)
      ? 'a message of the client is too large'
      : `the request body is larger than ${MAX_BYTES} bytes`,
    ...(isRest(form) && { http: 413 }),
  };
}

function unknown(path: string): Pick<Row, 'input' | 'expected'> {
  return {
    input: () => ({ path }),
    expected: (form) =>
      isRest(form)
        ? { pg: 'PG_ROUTE_NOT_FOUND', code: 'NOT_FOUND', message: `no route for POST ${path}` }
        : {
            pg: 'PG_METHOD_NOT_FOUND',
            code: 'UNIMPLEMENTED',
            message: `no method ${path}`,
            http: 404,
          },
  };
}

const ROUTING: readonly Row[] = [
  { name: 'unknown method', fits: always, ...unknown('/fault.v1.Fault/Nothing') },
  { name: 'unknown service', fits: always, ...unknown('/no.Such/Get') },
  { name: 'a method in other letters', fits: always, ...unknown('/fault.v1.Fault/GET') },
  ...['PUT', 'DELETE'].map(
    (verb): Row => ({
      name: `wrong verb ${verb}`,
      fits: ({ place }) => place !== 'query',
      input: () => ({ verb }),
      expected: (form) => ({
        pg: 'PG_METHOD_NOT_ALLOWED',
        code: 'UNIMPLEMENTED',
        message: isRest(form)
          ? `/fault.v1.Fault/Get does not answer ${verb}, only POST`
          : 'this protocol makes its calls by POST',
        httpOfAll: 405,
        has: { allow: 'POST' },
      }),
    }),
  ),
  {
    name: 'GET of a method with side effects',
    fits: ({ place }) => place === 'query',
    input: () => ({ path: '/fault.v1.Fault/Create' }),
    expected: () => ({
      pg: 'PG_METHOD_NOT_ALLOWED',
      code: 'UNIMPLEMENTED',
      message: 'only methods with idempotency_level NO_SIDE_EFFECTS answer GET',
      httpOfAll: 405,
      has: { allow: 'POST' },
    }),
  },
  {
    name: 'the kind of request that the method has not',
    fits: ({ shape }) => shape === 'connect-unary' || shape === 'connect-stream',
    input: ({ shape }) => ({
      path: `/fault.v1.Fault/${shape === 'connect-stream' ? 'Get' : 'Watch'}`,
    }),
    expected: ({ shape }) => ({
      ...invalid(
        'PG_UNSUPPORTED_MEDIA_TYPE',
        shape === 'connect-stream' ? /unary method$/ : /streaming method$/,
      ),
      httpOfAll: 415,
    }),
  },
  ...[0, 1, 2].map(
    (index): Row => ({
      name: `wrong content type, the ${index + 1}. of its kind`,
      fits: ({ otherTypes }) => otherTypes.length > index,
      input: ({ otherTypes }) => ({ type: otherTypes[index] ?? '' }),
      expected: ({ otherTypes, place }) => ({
        ...invalid(
          'PG_UNSUPPORTED_MEDIA_TYPE',
          place === 'query'
            ? '"encoding" must be proto or json'
            : new RegExp(
                `^Content-Type (?:is|names).*(?:${(otherTypes[index] ?? '').replace(/[+.]/g, '\\$&')}|latin1)`,
              ),
        ),
        httpOfAll: 415,
      }),
    }),
  ),
  ...['2', '', 'v1.0'].map(
    (version): Row => ({
      name: `version ${JSON.stringify(version)} of the protocol`,
      fits: isConnect,
      input: () => ({ version }),
      expected: ({ place }) =>
        invalid(
          'PG_BAD_REQUEST',
          place === 'query'
            ? `connect is ${JSON.stringify(version)}, and only "v1" is known`
            : `Connect-Protocol-Version is ${JSON.stringify(version)}, and only "1" is known`,
        ),
    }),
  ),
];

const FRAMES: readonly Row[] = [
  ...[0x02, 0x03, 0x04, 0x80, 0x81, 0xff].map(
    (flag): Row => ({
      // 0x02 is the end of a stream in Connect and 0x80 in gRPC-Web: both are the server's to send.
      name: `a message with the flag 0x${flag.toString(16)}`,
      fits: isEnveloped,
      input: (form) => ({ payload: framed(flag, message(form, 'good')) }),
      expected: () => FLAG,
    }),
  ),
  ...[0x02, 0x80].map(
    (flag): Row => ({
      name: `an end of the stream behind the message, flag 0x${flag.toString(16)}`,
      fits: (form) => isEnveloped(form) && form.single,
      input: (form) => ({
        payload: Buffer.concat([goodPayload(form), framed(flag, Buffer.from('{}'))]),
      }),
      expected: () => FLAG,
    }),
  ),
  {
    name: 'a length over the limit, told by the head alone',
    fits: isEnveloped,
    input: () => ({ payload: framed(0, new Uint8Array(), MAX_BYTES + 1) }),
    expected: tooLarge,
  },
  {
    name: 'the largest length that there is',
    fits: isEnveloped,
    input: () => ({ payload: framed(0, new Uint8Array(10), 0xffff_ffff) }),
    expected: tooLarge,
  },
  {
    name: 'a message over the limit',
    fits: always,
    input: (form) => ({ payload: goodPayload(form, 'x'.repeat(MAX_BYTES)) }),
    expected: tooLarge,
  },
  {
    name: 'truncated in the head',
    late: true,
    fits: isEnveloped,
    input: (form) => ({ payload: goodPayload(form).subarray(0, 3) }),
    expected: () => CUT_OFF,
  },
  {
    name: 'truncated in the message',
    late: true,
    fits: isEnveloped,
    input: (form) => ({ payload: goodPayload(form).subarray(0, -1) }),
    expected: () => CUT_OFF,
  },
  {
    name: 'garbage behind the message, shorter than a head',
    fits: (form) => isEnveloped(form) && form.single,
    input: (form) => ({ payload: Buffer.concat([goodPayload(form), Buffer.from('xyz')]) }),
    expected: () => CUT_OFF,
  },
  {
    name: 'garbage behind the message that would be a head',
    fits: (form) => isEnveloped(form) && form.single,
    input: (form) => ({ payload: Buffer.concat([goodPayload(form), Buffer.from('xyzxyz')]) }),
    expected: () => FLAG,
  },
  {
    name: 'no message',
    fits: (form) => isEnveloped(form) && form.single,
    input: () => ({ payload: new Uint8Array() }),
    expected: () => cardinality('none'),
  },
  {
    name: 'no message in the query',
    fits: ({ place }) => place === 'query',
    input: () => ({ query: null }),
    expected: () => invalid('PG_BAD_REQUEST', '"message" is missing in the query'),
  },
  {
    name: 'an empty body where JSON belongs',
    fits: (form) => isBare(form) && isJson(form) && !isRest(form),
    input: () => ({ payload: new Uint8Array() }),
    expected: () => invalid('PG_MALFORMED_JSON', 'a message is empty: send {}'),
  },
  {
    name: 'several messages',
    fits: (form) => form.single && (isEnveloped(form) || isJson(form)),
    input: (form) => ({ payload: Buffer.concat([goodPayload(form), goodPayload(form)]) }),
    expected: (form) =>
      isEnveloped(form) ? cardinality('more than one') : invalid('PG_MALFORMED_JSON', /./),
  },
];

const COMPRESSION: readonly Row[] = [
  ...[undefined, 'identity'].map(
    (encoding): Row => ({
      name: `a compressed message, and the encoding is ${encoding ?? 'not said'}`,
      fits: isEnveloped,
      input: (form) => ({
        payload: framed(1, gzipSync(message(form, 'good'))),
        ...(encoding !== undefined && { encoding }),
      }),
      // compression.md, test case 6.
      expected: () => NO_ENCODING,
    }),
  ),
  {
    name: 'an encoding that nobody knows',
    fits: always,
    input: (form) => ({ encoding: 'lzma', payload: packed(form, Buffer.from('x')) }),
    // compression.md, test case 4, and Connect: the error lists what is understood.
    expected: (form) =>
      isRest(form)
        ? {
            ...invalid('PG_UNSUPPORTED_ENCODING', /^Content-Encoding is "lzma"/),
            http: 415,
            has: { 'accept-encoding': 'br, zstd, gzip, deflate' },
          }
        : {
            pg: 'PG_UNKNOWN_COMPRESSION',
            code: 'UNIMPLEMENTED',
            message: `${form.encoding} is "lzma": understood are identity, br, zstd, gzip, deflate`,
            has: { [acceptHeader(form)]: 'identity,br,zstd,gzip,deflate' },
          },
  },
  ...['gzip', 'br', 'zstd', 'deflate'].map(
    (encoding): Row => ({
      name: `what is no ${encoding} though it is said`,
      // Only gzip is handed to the service unread.
      fits: ({ shape, codec }) =>
        encoding !== 'gzip' || codec === 'json' || shape === 'connect-unary',
      input: (form) => ({ encoding, payload: packed(form, Buffer.from('nothing of the kind')) }),
      expected: undecompressable,
    }),
  ),
  {
    name: 'a message that is small and inflates over the limit',
    fits: (form) => isJson(form) || isBare(form),
    input: (form) => ({
      encoding: 'gzip',
      payload: packed(form, gzipSync(message(form, 'x'.repeat(100_000)))),
    }),
    expected: tooLarge,
  },
];

function acceptHeader({ shape }: Form): string {
  if (shape === 'connect-stream') return 'connect-accept-encoding';
  return shape === 'connect-unary' ? 'accept-encoding' : 'grpc-accept-encoding';
}

/** statuscodes.md: "Could not decompress, but compression algorithm supported". Connect has no word on it. */
function undecompressable(form: Form): Expected {
  if (isEnveloped(form)) return envelope('sent a message that cannot be decompressed');
  if (isRest(form)) return invalid('PG_MALFORMED_ENCODING', /./);
  return invalid('PG_BAD_REQUEST', 'the body cannot be decompressed');
}

const TEXT: readonly Row[] = [
  ...[
    ['letters that base64 does not have', '****'],
    ['the letters of base64url', 'AA-_'],
    ['blanks', 'AA AA'],
    ['line ends', 'AAAA\r\nAAAA'],
    ['padding within a quad', 'A=AA'],
    ['three signs of padding', 'A==='],
  ].map(
    ([name, wire]): Row => ({
      name: `undecodable base64: ${name}`,
      fits: ({ base64, place }) => base64 && place === 'envelopes',
      input: () => ({ wire: wire ?? '' }),
      expected: () => ({ ...envelope(''), message: /^the body (?:is no base64|ends within)/ }),
    }),
  ),
  {
    name: 'base64 that is cut off',
    late: true,
    fits: ({ base64, place }) => base64 && place === 'envelopes',
    input: (form) => ({ wire: Buffer.from(goodPayload(form)).toString('base64').slice(0, -1) }),
    expected: () => ({
      ...envelope(''),
      message: 'the body ends within four characters of base64',
    }),
  },
  ...[
    ['letters that base64 does not have', '***'],
    ['a length that no bytes have', 'AAAAA'],
    ['padding in the middle', 'A%3DAA'],
    ['an escape that is none', 'AA%zz'],
  ].map(
    ([name, wire]): Row => ({
      name: `undecodable base64 in a query: ${name}`,
      fits: ({ base64, place }) => base64 && place === 'query',
      input: () => ({ wire: wire ?? '' }),
      expected: () =>
        invalid('PG_BAD_REQUEST', /^"message" (?:is no base64|has a broken percent-encoding)$/),
    }),
  ),
  ...[
    ['cut off', '{"name":"a"', 'PG_MALFORMED_JSON'],
    ['followed by garbage', '{}x', 'PG_MALFORMED_JSON'],
    ['no JSON', 'name=a', 'PG_MALFORMED_JSON'],
    ['an array', '[]', 'PG_INVALID_VALUE'],
    ['with an unknown field', '{"nmae":"a"}', 'PG_UNKNOWN_FIELD'],
    ['with a value of another type', '{"count":"many"}', 'PG_INVALID_VALUE'],
    ['no UTF-8', '{"name":"\xff"}', 'PG_NOT_UTF8'],
    ['nested too deep', `{"child":`.repeat(110), 'PG_TOO_DEEP'],
  ].map(
    ([name, text = '', pg = '']): Row => ({
      name: `JSON that is ${name}`,
      fits: isJson,
      input: (form) => {
        const bytes = Buffer.from(text, 'latin1');
        return { payload: isEnveloped(form) ? framed(0, bytes) : bytes };
      },
      expected: () => invalid(pg, /./),
    }),
  ),
];

/** Whether the service may have seen the beginning of it. */
export function mayBegin({ late }: Row, { single, codec }: Form): boolean {
  return late === true && !single && codec === 'proto';
}

export const ROWS: readonly Row[] = [...ROUTING, ...FRAMES, ...COMPRESSION, ...TEXT];
