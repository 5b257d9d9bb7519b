import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../../src/call/error.ts';
import { createJsonValues, type JsonFraming } from '../../../src/framing/json-values.ts';
import { countCopiedBytes } from './copies.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly values: readonly string[];
  /** Default: both. */
  readonly framing?: JsonFraming;
}

const CASES: readonly Case[] = [
  { name: 'nothing', text: '', values: [] },
  { name: 'white space alone', text: ' \t\r\n\n ', values: [] },
  { name: 'NDJSON', text: '{"a":1}\n{"b":2}\n', values: ['{"a":1}', '{"b":2}'] },
  { name: 'NDJSON without the last line break', text: '{"a":1}\n{}', values: ['{"a":1}', '{}'] },
  { name: 'CRLF', text: '{"a":1}\r\n{"b":2}\r\n', values: ['{"a":1}', '{"b":2}'] },
  { name: 'blank lines', text: '\n\n{"a":1}\n\r\n \n{"b":2}\n\n', values: ['{"a":1}', '{"b":2}'] },
  {
    name: 'concatenated values',
    text: '{"a":1}{"b":2}"x""y"{}',
    values: ['{"a":1}', '{"b":2}', '"x"', '"y"', '{}'],
  },
  {
    name: 'pretty-printed values',
    text: '{\n  "a": [\n    1\n  ]\n}\n{\n}\n',
    values: ['{\n  "a": [\n    1\n  ]\n}', '{\n}'],
  },
  {
    name: 'brackets and escapes in strings',
    text: '{"}":"]\\"}{[\\\\"}\n{"\\\\":"\\\\\\""}\n',
    values: ['{"}":"]\\"}{[\\\\"}', '{"\\\\":"\\\\\\""}'],
  },
  {
    name: 'bare scalars',
    text: '1\n-2.5e3 true\r\nnull\n"a b"\nfalse',
    values: ['1', '-2.5e3', 'true', 'null', '"a b"', 'false'],
  },
  { name: 'a bare scalar with spaces behind it', text: '12  ', values: ['12'] },
  { name: 'letters beyond ASCII', text: '{"ä":"€𝄞"}\n"ü"\n', values: ['{"ä":"€𝄞"}', '"ü"'] },
  {
    name: 'lines that are arrays',
    text: '[1,2]\n[3]\n',
    values: ['[1,2]', '[3]'],
    framing: 'sequence',
  },
  {
    name: 'an array',
    text: '[{"a":1},{"b":[2]}]',
    values: ['{"a":1}', '{"b":[2]}'],
    framing: 'auto',
  },
  { name: 'an empty array', text: ' [ ] ', values: [], framing: 'auto' },
  {
    name: 'an array with space everywhere',
    text: ' [ {"a":1} ,\r\n 2 , "x" ] \n',
    values: ['{"a":1}', '2', '"x"'],
    framing: 'auto',
  },
  {
    name: 'an array of scalars',
    text: '[1,true,null,"],",-0]',
    values: ['1', 'true', 'null', '"],"', '-0'],
    framing: 'auto',
  },
  {
    name: 'an array of arrays',
    text: '[[],[[1]],[2,3]]',
    values: ['[]', '[[1]]', '[2,3]'],
    framing: 'auto',
  },
];

const WRONG: readonly { name: string; text: string; framing: JsonFraming; says: RegExp }[] = [
  { name: 'a missing comma', text: '[{} {}]', framing: 'auto', says: /comma is missing/ },
  {
    name: 'a missing comma behind a scalar',
    text: '[1 2]',
    framing: 'auto',
    says: /comma is missing/,
  },
  { name: 'two commas', text: '[1,,2]', framing: 'auto', says: /element is missing/ },
  { name: 'a comma first', text: '[,1]', framing: 'auto', says: /element is missing/ },
  { name: 'a trailing comma', text: '[1,]', framing: 'auto', says: /element is missing/ },
  {
    name: 'an array that is not closed',
    text: '[1,2',
    framing: 'auto',
    says: /cut off|not closed/,
  },
  {
    name: 'an array that is not closed behind an element',
    text: '[{}',
    framing: 'auto',
    says: /not closed/,
  },
  { name: 'an array that only opens', text: ' [', framing: 'auto', says: /not closed/ },
  { name: 'data behind the array', text: '[1] 2', framing: 'auto', says: /more behind/ },
  { name: 'a second array', text: '[1][2]', framing: 'auto', says: /more behind/ },
  { name: 'a comma behind the array', text: '[1],', framing: 'auto', says: /more behind/ },
  { name: 'an object that is cut off', text: '{"a":{}', framing: 'sequence', says: /cut off/ },
  { name: 'a string that is cut off', text: '"a\\"', framing: 'sequence', says: /cut off/ },
  {
    name: 'an object that is cut off in an array',
    text: '[{"a":1',
    framing: 'auto',
    says: /cut off/,
  },
];

describe('JSON values', () => {
  for (const { name, text, values, framing } of CASES) {
    for (const mode of framing === undefined ? (['sequence', 'auto'] as const) : [framing]) {
      test(`${name} (${mode}), whole, byte by byte and cut anywhere`, () => {
        const bytes = Buffer.from(text);
        assert.deepEqual(split(mode, [bytes]), values);
        assert.deepEqual(
          split(
            mode,
            [...bytes].map((byte) => Buffer.of(byte)),
          ),
          values,
        );
        for (let at = 0; at <= bytes.length; at++) {
          const parts = [bytes.subarray(0, at), bytes.subarray(at)];
          assert.deepEqual(split(mode, parts), values, `cut at ${at}`);
        }
      });
    }
  }

  for (const { name, text, framing, says } of WRONG) {
    test(`${name} is refused wherever it is cut`, () => {
      const bytes = Buffer.from(text);
      for (let at = 0; at <= bytes.length; at++) {
        const parts = [bytes.subarray(0, at), bytes.subarray(at)];
        assert.throws(
          () => split(framing, parts),
          (error) =>
            error instanceof GatewayError &&
            error.pg === 'PG_MALFORMED_JSON' &&
            says.test(error.message),
          `cut at ${at}`,
        );
      }
    });
  }

  test('whatever JSON.stringify writes comes out again, in any layout and cut anywhere', () => {
    const layout = fc.record({
      indent: fc.constantFrom('', ' ', '\t', '    '),
      between: fc.constantFrom('\n', '\r\n', ' ', '\n\n', ' \t\n'),
      array: fc.boolean(),
    });
    const values = fc.array(fc.jsonValue(), { maxLength: 8 });
    const cuts = fc.array(fc.nat(500), { maxLength: 20 });
    fc.assert(
      fc.property(values, layout, cuts, (list, { indent, between, array }, at) => {
        const texts = list.map((value) => JSON.stringify(value, null, indent));
        const text = array
          ? `${between}[${texts.join(`${between},${between}`)}${between}]${between}`
          : texts.join(between);
        const out = split(array ? 'auto' : 'sequence', cutAt(Buffer.from(text), at));
        assert.deepEqual(out, texts);
      }),
      { seed: 20_261, numRuns: 400 },
    );
  });

  test('any bytes are framed alike however they are cut: the same values, then the same refusal or none', () => {
    const byte = fc.constantFrom(...Buffer.from('{}[]",:\\ \n1ax'));
    fc.assert(
      fc.property(
        fc.array(byte, { maxLength: 40 }),
        fc.array(fc.nat(40), { maxLength: 6 }),
        fc.constantFrom<JsonFraming>('sequence', 'auto'),
        (list, at, framing) => {
          const bytes = Buffer.from(list);
          assert.deepEqual(outcome(framing, cutAt(bytes, at)), outcome(framing, [bytes]));
        },
      ),
      { seed: 7, numRuns: 2_000 },
    );
  });

  test('a value of the largest size passes, one byte more is refused before it is complete', () => {
    const value = JSON.stringify('x'.repeat(98));
    assert.deepEqual(split('sequence', [Buffer.from(value)], 100), [value]);
    assert.deepEqual(split('auto', cutAt(Buffer.from(`[${value},${value}]`), [7, 150]), 100), [
      value,
      value,
    ]);
    const decoder = createJsonValues('sequence', 100);
    assert.throws(
      () => {
        for (let i = 0; i < 102; i++) decoder.push(Buffer.from(i === 0 ? '"' : 'x'), () => {});
      },
      (error) => error instanceof GatewayError && error.pg === 'PG_BODY_TOO_LARGE',
    );
    assert.throws(
      () => split('sequence', [Buffer.from(JSON.stringify('x'.repeat(99)))], 100),
      (error) => error instanceof GatewayError && error.pg === 'PG_BODY_TOO_LARGE',
    );
  });

  test('what waits is a copy: the chunk that it came in may be used again', () => {
    const decoder = createJsonValues('sequence', 100);
    const out: string[] = [];
    const chunk = Buffer.from('{"a":');
    decoder.push(chunk, () => {});
    chunk.fill('!');
    decoder.push(Buffer.from('1}'), (value) => out.push(Buffer.from(value).toString()));
    assert.deepEqual(out, ['{"a":1}']);
  });

  test('a large value in one-byte chunks copies each byte a few times, not once per chunk', (t) => {
    const bytes = 100_000;
    const decoder = createJsonValues('sequence', bytes + 2);
    const copied = countCopiedBytes(t);
    let got = 0;
    const emit = (value: Uint8Array): void => void (got = value.length);
    decoder.push(Buffer.from('"'), emit);
    const one = Buffer.from('x');
    for (let i = 0; i < bytes; i++) decoder.push(one, emit);
    decoder.push(Buffer.from('"'), emit);
    assert.equal(got, bytes + 2);
    assert.ok(copied() < 6 * bytes, `${copied()} bytes were copied for ${bytes}`);
  });
});

function split(framing: JsonFraming, chunks: readonly Uint8Array[], maxBytes = 1e6): string[] {
  const decoder = createJsonValues(framing, maxBytes);
  const values: string[] = [];
  const emit = (value: Uint8Array): void => void values.push(Buffer.from(value).toString('utf8'));
  for (const chunk of chunks) decoder.push(chunk, emit);
  decoder.finish(emit);
  return values;
}

/** What came out, and the refusal if there was one. */
function outcome(framing: JsonFraming, chunks: readonly Uint8Array[]): unknown {
  const decoder = createJsonValues(framing, 1e6);
  const values: string[] = [];
  const emit = (value: Uint8Array): void => void values.push(Buffer.from(value).toString('utf8'));
  try {
    for (const chunk of chunks) decoder.push(chunk, emit);
    decoder.finish(emit);
    return { values };
  } catch (error) {
    return { values, refusal: GatewayError.from(error).message };
  }
}

function cutAt(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const sorted = [0, ...positions.map((at) => at % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((to, i) => bytes.subarray(sorted[i], to));
}
