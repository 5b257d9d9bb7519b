/** The reader against protobufjs' ProtoJSON, which passes the conformance suite: same message or both refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import protojson from 'protobufjs/ext/protojson.js';
import { GatewayError } from '../../../src/call/error.ts';
import { parseJson } from '../../../src/codecs/json-text.ts';
import { Violations } from '../../../src/codecs/problems.ts';
import { runtimeOf } from '../../support/runtime.ts';
import { settleMessage } from '../../../src/codecs/settle.ts';
import { loadSchema } from '../../../src/schema/load.ts';
import type { MessageModel, Schema } from '../../../src/schema/model.ts';
import { jsonText, mutated } from '../../support/json-arbitrary.ts';
import { readBoth } from '../../support/json-reading.ts';
import { environment, richProtos } from '../../support/schema/load.ts';
import { schema as vectors } from '../../support/vectors-schema.ts';

const rich = await loadSchema(richProtos, environment());
const MAX_DEPTH = 40;
const INCOMPLETE = 'a required field is missing';

interface Case {
  readonly schema: Schema;
  readonly message: MessageModel;
  readonly ignoreUnknown: boolean;
}

/** Decoded by protobufjs with unknown fields kept, so that a wrong tag shows. */
function decoded(message: MessageModel, bytes: Uint8Array): unknown {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = false;
  try {
    return runtimeOf(message).decode(reader);
  } catch (thrown) {
    if (thrown instanceof protobuf.util.ProtocolError) return INCOMPLETE;
    throw thrown;
  }
}

function ours({ schema, message, ignoreUnknown }: Case, text: string): unknown {
  const options = { ignoreUnknown, maxDepth: MAX_DEPTH };
  const written = readBoth({ schema, message, options }, text);
  return written === undefined ? 'refused' : decoded(message, written.bytes);
}

/** The oracle, together with the walk that finds what the oracle takes without a word. */
function theirs({ schema, message, ignoreUnknown }: Case, text: string): unknown {
  const runtime = runtimeOf(message);
  const [unknown, invalid] = [new Violations(), new Violations()];
  try {
    const value = protojson.fromJsonString(runtime, text, { ignoreUnknownFields: ignoreUnknown });
    settleMessage(message, parseJson(text, MAX_DEPTH), { schema, path: [], unknown, invalid });
    if (invalid.count > 0 || (unknown.count > 0 && !ignoreUnknown)) return 'refused';
    return decodedAgain(message, value);
  } catch (thrown) {
    if (thrown instanceof GatewayError || thrown instanceof Error) return 'refused';
    throw thrown;
  }
}

/** protobufjs can't encode a message without its required fields; that is for the service to refuse, not for the gateway. */
function decodedAgain(message: MessageModel, value: protobuf.Message): unknown {
  let bytes: Uint8Array;
  try {
    bytes = runtimeOf(message).encode(value).finish();
  } catch (thrown) {
    if (thrown instanceof TypeError) return INCOMPLETE;
    throw thrown;
  }
  return decoded(message, bytes);
}

/** The oracle drops -0 as if it were the default; from-json-rules.test.ts has it. */
function hasMinusZero(text: string): boolean {
  const numbers = text.match(/-[\d.]+(?:[eE][+-]?\d+)?/g) ?? [];
  return numbers.some((number) => Object.is(Number(number), -0));
}

const CASES: readonly (readonly [Schema, string])[] = [
  [vectors, 'vectors.v1.Everything'],
  [rich, 'rich.v1.Book'],
  [rich, 'rich.v1.Legacy'],
  [rich, 'rich.v1.Edition'],
];

for (const [schema, name] of CASES) {
  for (const ignoreUnknown of [false, true]) {
    const message = schema.messages.get(name);
    assert.ok(message !== undefined);
    const one = { schema, message, ignoreUnknown };
    const title = `${name}, ${ignoreUnknown ? 'ignoring' : 'refusing'} what is unknown`;
    const same = (text: string): void => {
      fc.pre(!hasMinusZero(text));
      const expected = theirs(one, text);
      const actual = ours(one, text);
      // The oracle makes up required fields of the outermost message, or fails.
      if (actual === INCOMPLETE) assert.notEqual(expected, 'refused');
      else assert.deepEqual(actual, expected);
    };

    test(`reads what the oracle reads: ${title}`, () => {
      fc.assert(fc.property(jsonText(message), same), { numRuns: 400, seed: 4 });
    });

    test(`mutated texts: ${title}`, () => {
      fc.assert(fc.property(mutated(jsonText(message)), same), { numRuns: 600, seed: 4 });
    });
  }
}
