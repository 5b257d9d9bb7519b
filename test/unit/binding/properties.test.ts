import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import protojson from 'protobufjs/ext/protojson.js';
import { GatewayError } from '../../../src/call/error.ts';
import { runtimeOf } from '../../support/runtime.ts';
import type { FieldModel, MessageModel, ValueType } from '../../../src/schema/model.ts';
import { planDirect } from '../../../src/binding/direct.ts';
import { planRule } from '../../../src/binding/plan.ts';
import { bindFirst } from '../../../src/binding/request.ts';
import {
  bind,
  binding,
  message,
  method,
  PLAIN_JSON,
  schema,
  type Sent,
} from '../../support/vectors-schema.ts';

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

/** JSON that a message takes, or nearly. */
function fitting(model: MessageModel, depth: number): fc.Arbitrary<unknown> {
  // Dates become text when the body is written.
  const fields = fc.uniqueArray(fc.constantFrom(...model.fields), { maxLength: 4 });
  return fields.chain((chosen) =>
    fc
      .tuple(...chosen.map((field) => fc.tuple(fc.boolean(), fittingField(field, depth))))
      .map((values) =>
        Object.fromEntries(
          values.map(([proto, value], at) => [
            chosen[at]?.[proto ? 'name' : 'jsonName'] ?? '',
            value,
          ]),
        ),
      ),
  );
}

function fittingField(field: FieldModel, depth: number): fc.Arbitrary<unknown> {
  const one = fittingValue(field.type, depth);
  if (field.cardinality === 'repeated') return fc.array(one, { maxLength: 3 });
  if (field.cardinality === 'map') {
    const keys = field.mapKey === 'bool' ? ['true', 'false'] : ['1', '-5', '77'];
    return fc.dictionary(fc.constantFrom(...keys), one, { maxKeys: 2 });
  }
  return fc.oneof({ weight: 20, arbitrary: one }, { weight: 1, arbitrary: leaves });
}

function fittingValue(type: ValueType, depth: number): fc.Arbitrary<unknown> {
  if (type.kind === 'enum') return fc.constantFrom('RED', 'GRASS', 2, 77);
  if (type.kind === 'scalar') return SCALARS[type.scalar] ?? fc.constantFrom(0, 1, 7, '1', 1e3);
  const name = type.message.fullName.replace('google.protobuf.', '');
  const special = SPECIAL[name];
  if (special !== undefined) return special;
  if (name.endsWith('Value')) return fc.constantFrom(0, 1, '2');
  return depth === 0 || type.message.fields.length === 0
    ? fc.constant({})
    : fitting(type.message, depth - 1);
}

const anything = fc.jsonValue({ maxDepth: 3, noUnicodeString: false });
const SCALARS: Partial<Record<string, fc.Arbitrary<unknown>>> = {
  double: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant('NaN')),
  bool: fc.boolean(),
  string: fc.string({ unit: 'grapheme' }),
  bytes: fc.constantFrom('', 'YQ==', 'YQ', '-_8'),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
};
const SPECIAL: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  Timestamp: fc.date({ min: new Date(-1e13), max: new Date(1e13), noInvalidDate: true }),
  Duration: fc.constantFrom('0s', '-1.5s', '3.000000001s'),
  FieldMask: fc.constantFrom('', 'aB,c.dE'),
  Struct: fc.dictionary(fc.string(), anything, { maxKeys: 3 }),
  Value: anything,
  ListValue: fc.array(anything, { maxLength: 3 }),
  Any: fc.constantFrom({}, { '@type': 'type.googleapis.com/vectors.v1.Book', title: 'x' }),
  BoolValue: fc.boolean(),
  StringValue: fc.string(),
  BytesValue: fc.constantFrom('', 'YQ=='),
};

test('any JSON is bound or refused, and what protojson takes is bound to the same message', () => {
  const bodies = fc.oneof(
    { weight: 3, arbitrary: fitting(everything, 2) },
    { weight: 1, arbitrary: fc.dictionary(names, json, { maxKeys: 5 }) },
  );
  let accepted = 0;
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
      if (result instanceof GatewayError)
        assert.match(result.message, /Any|base64|no field|ud800/, text);
      // The order of fields is that of the request, and says nothing.
      else assert.deepEqual(runtime.decode(result), runtime.decode(expected), text);
      if (result instanceof Uint8Array && result.length > 0) accepted++;
    }),
    { numRuns: 3000, seed: 1 },
  );
  assert.ok(accepted > 500, `only ${accepted} messages were accepted`);
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
    { numRuns: 3000, seed: 1 },
  );
});

test('the direct way makes what the exact way makes, or leaves it to that', () => {
  const rules = [
    ['GET', '/v1/{f_string}/{book.name}', ''],
    ['POST', '/v1/{f_int32}/{book.author.name}', '*'],
    ['POST', '/v1/{book.name}/{o_string}', 'book'],
    ['PUT', '/v1/{f_color}/{w_time}', 'r_string'],
  ] as const;
  const plans = rules.map(([verb, template, body]) => {
    const rule = { verb, template, body, responseBody: '', origin: 'test' };
    const settings = { strictness: 'reject', maxDepth: 100, json: PLAIN_JSON } as const;
    const plan = planRule(method('Echo'), rule, settings, schema);
    return { plan, direct: planDirect(plan), body };
  });
  const bodies = {
    '': fc.constant(undefined),
    '*': fitting(everything, 2),
    book: fitting(message('vectors.v1.Book'), 2),
    r_string: fc.array(fc.string(), { maxLength: 3 }),
  };
  const texts = fc.oneof(fc.constantFrom('5', 'RED', 'x', '2026-01-01T00:00:00Z', ''), fc.string());
  const parameters = fc
    .tuple(names, texts)
    .map(([name, text]) => `${name}=${encodeURIComponent(text.toWellFormed())}`);
  const cases = fc.constantFrom(...plans).chain((chosen) =>
    fc.record({
      chosen: fc.constant(chosen),
      body: bodies[chosen.body],
      captures: fc.tuple(texts, texts),
      query: fc.array(parameters, { maxLength: 3 }).map((parts) => parts.join('&')),
    }),
  );
  let direct = 0;
  const property = fc.property(cases, ({ chosen, body, captures, query }) => {
    const input = {
      captures: captures.map((text) => text.toWellFormed()),
      query,
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      contentType: undefined,
      patch: false,
    };
    const bytes = chosen.direct.bind(input);
    if (bytes === undefined) return;
    direct++;
    const exact = bindFirst(chosen.plan, input);
    assert.deepEqual(exact.unknown, []);
    const runtime = runtimeOf(everything);
    assert.deepEqual(runtime.decode(bytes), runtime.decode(exact.bytes));
  });
  fc.assert(property, { numRuns: 4000, seed: 2 });
  assert.ok(direct > 500, `only ${direct} requests went the direct way`);
});

test('any bytes as a body are bound or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
      outcome(whole, { body });
    }),
    { numRuns: 1000, seed: 1 },
  );
});
