/** Partial JSON, compiled and interpreted, against the whole JSON with the other members taken out. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CodecError } from '../../../src/codecs/proto-json/error.ts';
import {
  type FieldLayout,
  layoutOf,
  type MessageLayout,
} from '../../../src/codecs/proto-json/layout.ts';
import type { JsonOptions } from '../../../src/codecs/proto-json/options.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { type Mask, maskBuilder, type Step } from '../../../src/codecs/proto-json/to-json/mask.ts';
import {
  type CodecMode,
  jsonFieldWriter,
  jsonWriter,
  maskedWriter,
} from '../../../src/codecs/proto-json/to-json/write.ts';
import { anyMessage } from '../../../src/codecs/any-message.ts';
import { runtimeOf } from '../../support/runtime.ts';
import { message, PLAIN_JSON, schema } from '../../support/vectors-schema.ts';
import { wireBytes } from '../../support/wire-arbitrary.ts';

const MODES: readonly CodecMode[] = ['compiled', 'interpreted'];
const everything = message('vectors.v1.Everything');
const layout = layoutOf(everything);
const OPTIONS: JsonOptions = {
  ...PLAIN_JSON,
  anyLayout: (typeUrl) => {
    const found = anyMessage(schema, typeUrl);
    return found === undefined ? undefined : layoutOf(found);
  },
};

type Path = readonly string[];

function maskOf(paths: readonly Path[], field?: FieldLayout): Mask | null {
  const builder = maskBuilder(field ?? layout, (_, name) => `no ${name}`);
  for (const path of paths) {
    // A quoted star is a key.
    const steps = path.map(
      (text): Step => ({ text: text.replace(/^`\*`$/, '*'), quoted: text === '`*`' }),
    );
    assert.equal(builder.add(steps), undefined, path.join('.'));
  }
  return builder.build();
}

interface Asked {
  readonly mode: CodecMode;
  readonly paths: readonly Path[];
  readonly options?: Partial<JsonOptions>;
  readonly field?: FieldLayout;
}

function masked(bytes: Uint8Array, { mode, paths, options, field }: Asked): string {
  const mask = maskOf(paths, field);
  assert.ok(mask);
  // Small, so that every growth is met.
  const out = new Output(1);
  maskedWriter(layout, field, { ...OPTIONS, ...options }, mode)(bytes, out, mask);
  return out.copy().toString();
}

function encode(value: Record<string, unknown>): Uint8Array {
  const type = runtimeOf(everything);
  return type.encode(type.fromObject(value)).finish();
}

/** The members of `value` that the paths name, the plain way. */
function pick(value: unknown, of: MessageLayout, paths: readonly Path[]): unknown {
  const kept: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value as object)) {
    const field = of.byName.get(name);
    assert.ok(field);
    const rests = paths
      .filter(([first]) => first === field.model.name || first === field.model.jsonName)
      .map((path) => path.slice(1));
    if (rests.length > 0) kept[name] = pickField(member, field, rests);
  }
  return kept;
}

function pickField(
  value: unknown,
  { shape, value: { message } }: FieldLayout,
  paths: readonly Path[],
): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  const inside = (member: unknown, rests: readonly Path[]): unknown => {
    if (rests.some((path) => path.length === 0)) return member;
    assert.ok(message);
    return pick(member, message, rests);
  };
  if (shape === 'single') return inside(value, paths);
  if (shape === 'repeated') {
    const rests = paths.map((path) => (path[0] === '*' ? path.slice(1) : path));
    return (value as unknown[]).map((element) => inside(element, rests));
  }
  const entries = Object.entries(value as object).flatMap(([key, member]) => {
    const rests = paths.filter(([first]) => first === '*' || first === key);
    return rests.length === 0
      ? []
      : [
          [
            key,
            inside(
              member,
              rests.map((path) => path.slice(1)),
            ),
          ],
        ];
  });
  return Object.fromEntries(entries);
}

/** Random paths through a type, by proto and JSON names. */
function pathsOf(of: MessageLayout, depth: number): fc.Arbitrary<Path> {
  if (of.fields.length === 0) return fc.constant([]);
  return fc.constantFrom(...of.fields).chain((field) => {
    const name = fc.constantFrom(field.model.name, field.model.jsonName);
    return fc.tuple(name, restOf(field, depth)).map(([first, rest]) => [first, ...rest]);
  });
}

function restOf({ shape, value, key }: FieldLayout, depth: number): fc.Arbitrary<Path> {
  const stop = fc.constant<Path>([]);
  const nested =
    value.message?.wellKnown === null && depth > 0 ? pathsOf(value.message, depth - 1) : stop;
  if (shape === 'single') return fc.oneof(stop, nested);
  const texts =
    key?.kind === 'string' ? ['', 'a', 'toString'] : key?.kind === 'bool' ? ['true'] : ['0', '-1'];
  const steps = shape === 'map' ? ['*', ...texts] : ['*'];
  const within = fc.tuple(fc.constantFrom(...steps), nested).map(([step, rest]) => [step, ...rest]);
  if (shape === 'map') return fc.oneof(stop, within);
  return value.message?.wellKnown === null ? fc.oneof(stop, nested, within) : stop;
}

const styles = fc.record({
  emitDefaults: fc.boolean(),
  enumsAsNumbers: fc.boolean(),
  protoNames: fc.boolean(),
  int64: fc.constantFrom('string' as const, 'number' as const),
});

for (const mode of MODES) {
  describe(mode, () => {
    test('any bytes: the whole JSON without the other members', () => {
      const paths = fc.array(pathsOf(layout, 2), { minLength: 1, maxLength: 5 });
      const property = fc.property(
        wireBytes(everything, 3),
        paths,
        styles,
        (bytes, asked, options) => {
          const out = new Output();
          try {
            jsonWriter(layout, { ...OPTIONS, ...options }, mode)(bytes, out);
          } catch (error) {
            assert.ok(error instanceof CodecError, String(error));
            // A part may be readable where the whole is not.
            return;
          }
          const expected = pick(JSON.parse(out.copy().toString()), layout, asked);
          assert.deepEqual(JSON.parse(masked(bytes, { mode, paths: asked, options })), expected);
        },
      );
      fc.assert(property, { numRuns: 3_000, seed: 12 });
    });

    test('any bytes: of one field, as response_body names it', () => {
      const chosen = fc
        .constantFrom('book', 'r_book', 'm_book', 'm_string', 'self')
        .map((name) => layout.byName.get(name))
        .chain((field) => {
          assert.ok(field);
          const rest = restOf(field, 2).filter((path) => path.length > 0);
          return fc.tuple(fc.constant(field), fc.array(rest, { minLength: 1, maxLength: 4 }));
        })
        // All of every element is no mask.
        .filter(([field, paths]) => maskOf(paths, field) !== null);
      const property = fc.property(
        wireBytes(everything, 3),
        chosen,
        styles,
        (bytes, [field, paths], options) => {
          const out = new Output();
          try {
            jsonFieldWriter(layout, field, { ...OPTIONS, ...options }, mode)(bytes, out);
          } catch (error) {
            assert.ok(error instanceof CodecError, String(error));
            return;
          }
          const whole: unknown = JSON.parse(out.copy().toString());
          const expected = whole === null ? null : pickField(whole, field, paths);
          assert.deepEqual(JSON.parse(masked(bytes, { mode, paths, options, field })), expected);
        },
      );
      fc.assert(property, { numRuns: 2_000, seed: 13 });
    });

    test('keys of maps: any text, and all of them', () => {
      const keys = ['a', 'a.b', '*', '"\\', 'é', '\n', '__proto__', ''];
      const bytes = encode({
        m_string: JSON.parse(JSON.stringify(Object.fromEntries(keys.map((key) => [key, key])))),
      });
      for (const key of keys) {
        const text = masked(bytes, { mode, paths: [['m_string', key === '*' ? '`*`' : key]] });
        assert.equal(text, `{"mString":{${JSON.stringify(key)}:${JSON.stringify(key)}}}`);
      }
      const all = JSON.parse(masked(bytes, { mode, paths: [['m_string', '*']] }));
      assert.equal(Object.keys(all.mString).length, keys.length);
    });

    test('a key that is named keeps what is named of every key', () => {
      const book = { name: 'n', title: 't', page_count: 3 };
      const bytes = encode({ m_book: { a: book, b: book } });
      const paths = [
        ['m_book', '*', 'title'],
        ['m_book', 'a', 'name'],
      ];
      assert.equal(
        masked(bytes, { mode, paths }),
        '{"mBook":{"a":{"name":"n","title":"t"},"b":{"title":"t"}}}',
      );
    });

    test('a member that is overruled is not shown, masked or not', () => {
      const bytes = encode({ c_string: 'x' });
      const both = Buffer.concat([bytes, encode({ c_int32: 5 })]);
      assert.equal(masked(both, { mode, paths: [['c_string']] }), '{}');
      assert.equal(masked(both, { mode, paths: [['c_int32']] }), '{"cInt32":5}');
    });

    test('a refused value that a later one overrules does not matter', () => {
      const bad = Buffer.from('8a0103120180', 'hex');
      const bytes = Buffer.concat([bad, encode({ book: { title: 'x', name: 'y' } })]);
      assert.equal(masked(bytes, { mode, paths: [['book']] }), '{"book":{"name":"y","title":"x"}}');
      const field = layout.byName.get('self');
      const self = Buffer.concat([Buffer.from([0x9a, 5, bytes.length]), bytes]);
      assert.equal(
        masked(self, { mode, paths: [['book']], ...(field && { field }) }),
        '{"book":{"name":"y","title":"x"}}',
      );
    });

    test('messages that nest too deep are refused', () => {
      let bytes: Uint8Array = new Uint8Array();
      for (let level = 0; level < 120; level++) {
        const { length } = bytes;
        const size = length < 128 ? [length] : [(length & 127) | 128, length >> 7];
        bytes = Buffer.concat([Buffer.from([0x9a, 5, ...size]), bytes]);
      }
      const path = Array.from({ length: 119 }, () => 'self');
      assert.throws(() => masked(bytes, { mode, paths: [[...path, 'f_bool']] }), CodecError);
    });
  });
}

const REFUSED: readonly (readonly [path: Path, reason: RegExp])[] = [
  [['boook'], /^no boook$/],
  [['book', 'x'], /^no x$/],
  [['f_string', 'x'], /no message \(string\)/],
  [['f_string', '*'], /no message/],
  [['r_string', '*', 'x'], /no message/],
  [['m_string', 'a', 'x'], /no message/],
  [['w_time', 'seconds'], /a google\.protobuf\.Timestamp is one value/],
  [['w_struct', 'a'], /one value/],
  [['w_any', 'value'], /one value/],
  [['m_bool', 'yes'], /"yes" is no key of type bool/],
  [['m_int32', '01'], /"01" is no key of type int32/],
  [['*', 'book'], /"\*" stands for the elements/],
  [['book', '*', 'title'], /"\*" stands for the elements/],
  [['book(title)'], /parted by/],
  [['book/title'], /parted by/],
];

describe('paths', () => {
  for (const [path, reason] of REFUSED) {
    test(`refused: ${path.join('.')}`, () => {
      const builder = maskBuilder(layout, (_, name) => `no ${name}`);
      assert.match(builder.add(path.map((text) => ({ text, quoted: false }))) ?? '', reason);
    });
  }

  test('"*" keeps all, and a path keeps what a longer one narrows', () => {
    assert.equal(maskOf([['*'], ['book']]), null);
    assert.deepEqual(maskOf([['book', 'title'], ['book']]), maskOf([['book'], ['book', 'name']]));
    assert.deepEqual(maskOf([['book', '*']]), maskOf([['book']]));
  });
});
