/** What an error of the gateway looks like in each protocol, whole and to the byte; written from the specifications, not from src. */
import assert from 'node:assert/strict';
import protobuf from 'protobufjs';
import type { Shape } from './form.ts';
import type { Answer } from './wire.ts';

export interface Expected {
  readonly pg: string;
  /** The name of the code in google/rpc/code.proto. */
  readonly code: string;
  readonly message: string | RegExp;
  /** Where the protocol has a say in it: Connect unary and REST. Default: the table of Connect for `code`. */
  readonly http?: number;
  /** Also of those that say 200 else: for what no client may take for an answer. */
  readonly httpOfAll?: number;
  /** Headers beside those of every error. */
  readonly has?: Readonly<Record<string, string>>;
}

const NUMBERS: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  RESOURCE_EXHAUSTED: 8,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
};
/** The Connect protocol reference, "Error Codes". */
const CONNECT_HTTP: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message ErrorInfo { string reason = 1; string domain = 2; }
  message RequestInfo { string request_id = 1; }
`);

export interface Detail {
  readonly type: string;
  readonly value: Buffer;
}

export function assertError(shape: Shape, type: string, answer: Answer, expected: Expected): void {
  const { headers } = answer;
  const said = JSON.stringify({ ...answer, body: answer.body.toString() });
  for (const [name, value] of Object.entries(expected.has ?? {})) {
    assert.equal(headers[name], value, said);
  }
  const id = headers['x-request-id'] ?? '';
  assert.match(id, /^[\w-]+$/, said);
  const told = READERS[shape](answer, type, expected);
  // The Connect protocol reference, "HTTP to Error Code": 405 and 415 have no other name.
  const isNameless = shape.startsWith('connect') && expected.httpOfAll !== undefined;
  assert.equal(told.code, isNameless ? 'UNKNOWN' : expected.code, said);
  if (typeof expected.message === 'string') assert.equal(told.message, expected.message, said);
  else assert.match(told.message, expected.message, said);
  const first = told.details.at(0);
  const last = told.details.at(-1);
  assert.deepEqual(
    [first?.type, last?.type],
    ['google.rpc.ErrorInfo', 'google.rpc.RequestInfo'],
    said,
  );
  assert.deepEqual(decode('ErrorInfo', first?.value), { reason: expected.pg, domain: 'polygate' });
  assert.deepEqual(decode('RequestInfo', last?.value), { requestId: id });
}

interface Told {
  readonly code: string;
  readonly message: string;
  readonly details: readonly Detail[];
}

type Reader = (answer: Answer, type: string, expected: Expected) => Told;

/** Trailers-only: all is in the head, and nothing is behind it (PROTOCOL-HTTP2.md, "Responses"; the same in PROTOCOL-WEB.md). */
const trailersOnly: Reader = ({ status, headers, body, trailers }, type, { httpOfAll = 200 }) => {
  assert.equal(status, httpOfAll);
  assert.equal(headers['content-type'], type);
  assert.equal(body.length, 0);
  assert.deepEqual(trailers, {});
  const message = headers['grpc-message'] ?? '';
  assert.match(message, /^[\x20-\x24\x26-\x7e]*(?:%[0-9A-F]{2}[\x20-\x24\x26-\x7e]*)*$/);
  const base64 = headers['grpc-status-details-bin'];
  const whole = decode('Status', Buffer.from(base64 ?? '', 'base64')) as {
    code: number;
    message: string;
  };
  assert.deepEqual(
    [whole.code, whole.message],
    [Number(headers['grpc-status']), decodeURIComponent(message)],
  );
  return {
    code: codeOf(Number(headers['grpc-status'])),
    message: whole.message,
    details: detailsOfAny(base64),
  };
};

const READERS: Readonly<Record<Shape, Reader>> = {
  grpc: trailersOnly,
  'grpc-web': trailersOnly,
  'connect-stream': ({ status, headers, body, trailers }, type, { httpOfAll = 200 }) => {
    assert.equal(status, httpOfAll);
    assert.equal(headers['content-type'], type);
    assert.deepEqual(trailers, {});
    // The end-of-stream envelope alone.
    assert.equal(body[0], 2);
    assert.equal(body.readUInt32BE(1), body.length - 5);
    const { error, ...rest } = JSON.parse(body.toString('utf8', 5)) as { error: unknown };
    assert.deepEqual(rest, {});
    return ofConnect(error);
  },
  'connect-unary': ({ status, headers, body, trailers }, _, expected) => {
    assert.equal(status, expected.httpOfAll ?? expected.http ?? CONNECT_HTTP[expected.code]);
    // Whatever the request was in.
    assert.equal(headers['content-type'], 'application/json');
    assert.deepEqual(trailers, {});
    return ofConnect(JSON.parse(body.toString()));
  },
  rest: ({ status, headers, body, trailers }, _, expected) => {
    assert.equal(status, expected.httpOfAll ?? expected.http ?? CONNECT_HTTP[expected.code]);
    assert.equal(headers['content-type'], 'application/json');
    assert.deepEqual(trailers, {});
    const { code, message, details, ...rest } = JSON.parse(body.toString()) as {
      code: number;
      message: string;
      details: Record<string, string>[];
    };
    assert.deepEqual(rest, {});
    return {
      code: codeOf(code),
      message,
      details: details.map(({ '@type': url = '', ...detail }) => {
        const type = typeName(url);
        const name = type.slice(type.lastIndexOf('.') + 1);
        const known = name === 'ErrorInfo' || name === 'RequestInfo';
        const value = known ? encode(name, detail) : Buffer.alloc(0);
        return { type, value };
      }),
    };
  },
};

/** The Connect protocol reference, "Error and EndStreamResponse". */
function ofConnect(error: unknown): Told {
  const { code, message, details, ...rest } = error as {
    code: string;
    message: string;
    details: { type: string; value: string; debug?: unknown }[];
  };
  assert.deepEqual(rest, {});
  return {
    code: code.toUpperCase(),
    message,
    details: details.map(({ type, value }) => {
      assert.match(value, /^[A-Za-z0-9+/]*$/, 'base64 without padding');
      return { type, value: Buffer.from(value, 'base64') };
    }),
  };
}

/** Of google.rpc.Status in base64. */
export function detailsOfAny(base64: string | undefined): Detail[] {
  const status = decode('Status', Buffer.from(base64 ?? '', 'base64')) as {
    details?: { typeUrl: string; value: Buffer }[];
  };
  return (status.details ?? []).map(({ typeUrl, value }) => ({ type: typeName(typeUrl), value }));
}

/** That of the gateway's ErrorInfo, null where there is none. */
export function reasonOf(details: readonly Detail[]): string | null {
  const info = details.find(({ type }) => type === 'google.rpc.ErrorInfo');
  if (info === undefined) return null;
  return (decode('ErrorInfo', info.value) as { reason: string }).reason;
}

function codeOf(number: number): string {
  return Object.keys(NUMBERS).find((name) => NUMBERS[name] === number) ?? String(number);
}

function typeName(url: string): string {
  return url.slice(url.indexOf('/') + 1);
}

function decode(name: string, bytes: Uint8Array | undefined): unknown {
  const type = root.lookupType(name);
  return { ...type.toObject(type.decode(bytes ?? new Uint8Array())) };
}

function encode(name: string, value: object): Buffer {
  const type = root.lookupType(name);
  return Buffer.from(type.encode(type.create(value)).finish());
}
