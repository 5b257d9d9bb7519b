/**
 * Generated schemas, generated messages, valid and mutated, in both directions: the compiled and the interpreted codecs give the same, which
 * is what protobufjs and @bufbuild/protobuf give, or they refuse as those do. Where one of them is known to do something else it stands in
 * codec-differences.ts with the reason. Seeded and bounded: a failure prints its schema and its input.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { parseJson } from '../../src/codecs/json-text.ts';
import { CodecError } from '../../src/codecs/proto-json/error.ts';
import { layoutOf } from '../../src/codecs/proto-json/layout.ts';
import type { JsonOptions } from '../../src/codecs/proto-json/options.ts';
import { Output } from '../../src/codecs/proto-json/output.ts';
import { type CodecMode, jsonWriter } from '../../src/codecs/proto-json/to-json/write.ts';
import { anyMessage } from '../../src/codecs/any-message.ts';
import { loadSchema } from '../../src/schema/load.ts';
import type { Schema } from '../../src/schema/model.ts';
import {
  type Case,
  type Difference,
  READING,
  same,
  type Subject,
  WRITING,
} from '../support/codec-differences.ts';
import { bufbuildOracle, bufbuildRegistry, protobufjsOracle } from '../support/codec-oracles.ts';
import { jsonText, mutated } from '../support/json-arbitrary.ts';
import { readBoth } from '../support/json-reading.ts';
import { descriptorSetOf, PACKAGE, schemaFile } from '../support/schema-arbitrary.ts';
import { environment, message, withFile } from '../support/schema/load.ts';
import { wireBytes } from '../support/wire-arbitrary.ts';

const SEED = 20_261_122;
const SCHEMAS = 60;
const INPUTS = 30;
const MAX_DEPTH = 40;

const subjects: Subject[] = [];
for (const file of fc.sample(schemaFile, { seed: SEED, numRuns: SCHEMAS })) {
  subjects.push(await newSubject(file));
}

async function newSubject(file: JsonObject): Promise<Subject> {
  const schema = await withFile('fuzz.binpb', descriptorSetOf(file), (directory) =>
    loadSchema({ descriptorSet: 'fuzz.binpb' }, environment({ directory })),
  );
  const models = ['M0', 'M1', 'M2', 'M3'].map((name) => message(schema, `${PACKAGE}.${name}`));
  const [model] = models;
  assert.ok(model !== undefined);
  const registry = bufbuildRegistry(file);
  const desc = registry.getMessage(model.fullName);
  assert.ok(desc !== undefined);
  const oracles = [protobufjsOracle(model), bufbuildOracle(desc, registry)];
  return { file, schema, model, models, oracles };
}

/** Fails where an oracle has another result for a reason that is not known. */
function explain(cases: readonly Case[], known: readonly Difference[]): void {
  for (const one of cases) {
    const explained = known.some(({ from, applies }) => from === one.oracle && applies(one));
    const { oracle, ours, theirs, text } = one;
    assert.ok(explained, `${oracle} ${theirs}, we ${ours}: ${text}`);
  }
}

function optionsOf(schema: Schema): JsonOptions {
  return {
    emitDefaults: false,
    enumsAsNumbers: false,
    protoNames: false,
    int64: 'string',
    anyLayout(typeUrl) {
      const model = anyMessage(schema, typeUrl);
      return model === undefined ? undefined : layoutOf(model);
    },
  };
}

function written(
  { schema, model }: Subject,
  bytes: Uint8Array,
  mode: CodecMode,
): string | undefined {
  const out = new Output(1);
  try {
    jsonWriter(layoutOf(model), optionsOf(schema), mode)(bytes, out);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
  return out.copy().toString();
}

/** Without the order of members; numbers as they are spelled. */
function spelled(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  // Refuses a name that comes twice.
  parseJson(text, 10_000);
  const source = (_: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' ? { number: context?.source } : value;
  return JSON.parse(text, source);
}

function outcome(value: unknown): 'read' | 'refused' {
  return value === undefined ? 'refused' : 'read';
}

function checkWriting(subject: Subject, bytes: Uint8Array, isMutated: boolean): void {
  const ours = written(subject, bytes, 'compiled');
  assert.deepEqual(spelled(written(subject, bytes, 'interpreted')), spelled(ours), 'modes');
  const parsed = ours === undefined ? undefined : JSON.parse(ours);
  const common = { subject, bytes, text: ours ?? '', mutated: isMutated, ours: outcome(ours) };
  const others = subject.oracles.flatMap((oracle): Case[] => {
    const text = oracle.write(bytes);
    const equal = same(text === undefined ? undefined : JSON.parse(text), parsed);
    return equal
      ? []
      : [
          {
            ...common,
            oracle: oracle.name,
            theirs: outcome(text),
            theirText: text ?? '',
          },
        ];
  });
  explain(others, WRITING);
}

function checkReading(subject: Subject, text: string, ignoreUnknown: boolean): void {
  const { schema, model } = subject;
  const ours = readBoth(
    { schema, message: model, options: { ignoreUnknown, maxDepth: MAX_DEPTH } },
    text,
  );
  const bytes = ours?.bytes ?? new Uint8Array();
  const common = { subject, bytes, text, theirText: '', mutated: false, ours: outcome(ours) };
  const others = subject.oracles.flatMap((oracle): Case[] => {
    const read = oracle.read(text, ignoreUnknown);
    const both = ours !== undefined && read !== undefined;
    const equal = both ? same(oracle.settled(bytes), oracle.settled(read)) : ours === read;
    return equal ? [] : [{ ...common, oracle: oracle.name, theirs: outcome(read) }];
  });
  explain(others, READING);
}

/** Runs a property over each schema; a failure names the schema, fast-check the input. */
function overSchemas<Input>(
  inputs: (subject: Subject) => fc.Arbitrary<Input>,
  check: (subject: Subject, input: Input) => void,
): void {
  for (const [index, subject] of subjects.entries()) {
    try {
      const property = fc.property(inputs(subject), (input) => check(subject, input));
      fc.assert(property, { seed: SEED + index, numRuns: INPUTS });
    } catch (error) {
      throw new Error(`schema ${index}: ${JSON.stringify(subject.file)}`, { cause: error });
    }
  }
}

function bytesOf({ model, models }: Subject): fc.Arbitrary<Uint8Array> {
  return wireBytes(model, 3, models);
}

test('protobuf to JSON: valid messages', () => {
  overSchemas(bytesOf, (subject, bytes) => checkWriting(subject, bytes, false));
});

test('protobuf to JSON: messages with a byte changed, and cut', () => {
  const changed = (subject: Subject): fc.Arbitrary<Uint8Array> =>
    fc
      .tuple(bytesOf(subject), fc.nat(), fc.nat(255), fc.boolean())
      .map(([bytes, at, byte, cut]) => {
        const place = at % (bytes.length + 1);
        if (cut) return bytes.subarray(0, place);
        const copy = Uint8Array.from(bytes);
        if (place < copy.length) copy[place] = byte;
        return copy;
      });
  overSchemas(changed, (subject, bytes) => checkWriting(subject, bytes, true));
});

for (const ignoreUnknown of [false, true]) {
  const title = ignoreUnknown ? 'unknown fields ignored' : 'unknown fields refused';
  test(`JSON to protobuf: texts that are mostly right, ${title}`, () => {
    overSchemas(
      ({ model }) => jsonText(model),
      (subject, text) => checkReading(subject, text, ignoreUnknown),
    );
  });

  test(`JSON to protobuf: texts with a character changed, ${title}`, () => {
    overSchemas(
      ({ model }) => mutated(jsonText(model)),
      (subject, text) => checkReading(subject, text, ignoreUnknown),
    );
  });
}
