import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import protojson from 'protobufjs/ext/protojson.js';
import { GatewayError } from '../../../src/call/error.ts';
import { runtimeOf } from '../../../src/codecs/runtime.ts';
import { bind, binding, message, type Sent } from '../../support/vectors-schema.ts';

const everything = message('vectors.v1.Everything');
const whole = binding('POST /v1/x', { body: '*' });
const get = binding('GET /v1/{f_string}');

/** The bytes, or the error; anything but a GatewayError of the client fails the test. */
function outcome(to: typeof whole, sent: Sent): Uint8Array | GatewayError {
  try {
    return bind(to, sent).bytes;
  } catch (thrown) {
    assert.ok(thrown instanceof GatewayError, String(thrown));
    assert.equal(thrown.side, 'client');
    return thrown;
  }
}

/** JSON whose names are mostly those of the schema and whose values are mostly near what a field takes. */
const names = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...everything.byName.keys()) },
  { weight: 4, arbitrary: fc.constantFrom('title', 'pages', 'number', '@type', 'value') },
  fc.constantFrom('__proto__', 'constructor', 'x', ''),
);
const leaves = fc.oneof(
  fc.constantFrom(
    0,
    1,
    -1,
    1.5,
    2 ** 31,
    2 ** 53 + 2,
    true,
    null,
    '',
    '5',
    '1.5',
    'RED',
    'YQ==',
    'aB',
  ),
  fc.constantFrom(
    '2026-01-01T00:00:00Z',
    '1s',
    'NaN',
    '\ud800',
    'type.googleapis.com/vectors.v1.Book',
  ),
  fc.string(),
  fc.double(),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.dictionary(names, tie('json'), { maxKeys: 4 }),
    fc.array(tie('json'), { maxLength: 3 }),
  ),
}));

test('any JSON is bound or refused, and what protojson takes is bound to the same bytes', () => {
  const bodies = fc.dictionary(names, json, { maxKeys: 5 });
  fc.assert(
    fc.property(bodies, (body) => {
      const text = JSON.stringify(body);
      const result = outcome(whole, { body: text });
      const runtime = runtimeOf(everything);
      let expected: Uint8Array;
      try {
        expected = runtime.encode(protojson.fromJsonString(runtime, text)).finish();
      } catch {
        assert.ok(result instanceof GatewayError, text);
        return;
      }
      // protojson takes an Any without a type, and what it does not know beside a special value in one.
      if (result instanceof GatewayError) assert.match(result.message, /Any|base64|no field/, text);
      else assert.deepEqual(Buffer.from(result), Buffer.from(expected), text);
    }),
    { numRuns: 3000 },
  );
});

test('any query is bound or refused', () => {
  const pieces = fc.oneof(
    fc.tuple(names, leaves).map(([name, value]) => `${name}=${String(value)}`),
    fc.tuple(names, names, leaves).map(([a, b, value]) => `${a}.${b}=${String(value)}`),
    fc.tuple(names, fc.string(), leaves).map(([a, key, v]) => `${a}[${key}]=${String(v)}`),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 6 }), fc.string(), (parts, capture) => {
      outcome(get, { query: parts.join('&'), captures: [capture] });
    }),
    { numRuns: 3000 },
  );
});

test('any bytes as a body are bound or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
      outcome(whole, { body });
    }),
    { numRuns: 1000 },
  );
});
