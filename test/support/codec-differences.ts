/** Where other implementations of ProtoJSON are known to give another result than ours, with the reason. */
import assert from 'node:assert/strict';
import type { JsonObject } from '@bufbuild/protobuf';
import { CodecError } from '../../src/codecs/proto-json/error.ts';
import { layoutOf } from '../../src/codecs/proto-json/layout.ts';
import { decodeValue } from '../../src/codecs/proto-json/values/decode.ts';
import type { MessageModel, Schema } from '../../src/schema/model.ts';
import type { Oracle } from './codec-oracles.ts';

/** A generated schema and its first message. */
export interface Subject {
  readonly file: JsonObject;
  readonly schema: Schema;
  readonly model: MessageModel;
  /** All messages of the file: an Any may hold them. */
  readonly models: readonly MessageModel[];
  readonly oracles: readonly Oracle[];
}

/** A result that an oracle does not share. */
export interface Case {
  readonly subject: Subject;
  readonly oracle: Oracle['name'];
  readonly bytes: Uint8Array;
  /** The JSON: what was read, or what we wrote. */
  readonly text: string;
  /** The JSON that the oracle wrote. */
  readonly theirText: string;
  readonly mutated: boolean;
  readonly ours: 'read' | 'refused';
  readonly theirs: 'read' | 'refused';
}

export interface Difference {
  readonly from: Oracle['name'];
  readonly reason: string;
  readonly applies: (one: Case) => boolean;
}

/** Protobuf to JSON. What is said of bufbuild holds only where protobufjs agrees with us. */
export const WRITING: readonly Difference[] = [
  {
    from: 'bufbuild',
    reason: 'keeps numbers that a closed enum has not in lists and maps',
    applies: ({ subject, ours, theirs }) =>
      ours === 'read' && theirs === 'read' && uses(subject, '.Closed', '.Open'),
  },
  {
    from: 'bufbuild',
    reason: 'refuses a google.protobuf.Value without a kind, which a list must still write',
    applies: ({ ours, theirs, text }) =>
      ours === 'read' && theirs === 'refused' && text.includes('null'),
  },
  {
    from: 'bufbuild',
    reason: 'reads a value by the type of its field, whatever its wire type says',
    applies: (one) => one.mutated,
  },
  {
    from: 'protobufjs',
    reason:
      'the default of a closed enum in a map is 0, also where the enum begins with something else',
    applies: ({ subject, ours }) => ours === 'read' && uses(subject, '.Closed'),
  },
  {
    from: 'protobufjs',
    reason: 'a map entry without its 64-bit key is not the entry of the key 0',
    applies: ({ ours, text }) => ours === 'read' && text.includes('"0":'),
  },
  ...(['protobufjs', 'bufbuild'] as const).flatMap((from): Difference[] => [
    {
      from,
      reason: 'writes a float with all digits of the double that it keeps it in, we the fewest',
      applies: ({ ours, theirs, text, theirText }) =>
        ours === 'read' && theirs === 'read' && same(asFloats(text), asFloats(theirText)),
    },
    {
      from,
      reason:
        'bytes that are no UTF-8 in a string of proto2 become U+FFFD, we have no JSON for them',
      applies: ({ ours, theirs }) => ours === 'refused' && theirs === 'read',
    },
    {
      from,
      reason: 'refuses also what a later value of the same field overrules, we do not look at that',
      applies: ({ subject, bytes, ours }) => ours === 'read' && !decodes(subject, bytes),
    },
  ]),
];

/** JSON to protobuf. */
export const READING: readonly Difference[] = [
  {
    from: 'protobufjs',
    reason: 'an Any without a type is empty, whatever else it has',
    applies: ({ subject, ours, theirs }) =>
      ours === 'refused' && theirs === 'read' && uses(subject, '.Any'),
  },
  {
    from: 'protobufjs',
    reason: 'null for a whole list or map of google.protobuf.Value is not nothing',
    applies: ({ subject, text }) => text.includes('null') && uses(subject, '.Value', '.NullValue'),
  },
  {
    from: 'protobufjs',
    reason: 'takes an integer with a point in a string through a double',
    applies: ({ theirs, text }) => theirs === 'read' && /"-?\d{10,}\.\d*"/.test(text),
  },
  {
    from: 'bufbuild',
    reason: 'the key of a map entry that is left out may not come again',
    applies: ({ ours, theirs, text }) =>
      ours === 'read' && theirs === 'refused' && text.includes('"01"'),
  },
  {
    from: 'bufbuild',
    reason: 'takes base64 with wrong padding or white space',
    applies: ({ subject, ours, theirs, text }) =>
      ours === 'refused' &&
      theirs === 'read' &&
      /="|\\n"/.test(text) &&
      uses(subject, 'TYPE_BYTES', '.BytesValue'),
  },
  {
    from: 'bufbuild',
    reason: 'refuses a 64-bit integer with an exponent or a fraction in a string',
    applies: ({ ours, theirs, text }) =>
      ours === 'read' && theirs === 'refused' && /"[-+]?\d+[.eE][\d.eE+-]*"/.test(text),
  },
  {
    from: 'bufbuild',
    reason: 'writes the type URL of an Any anew, we keep it',
    applies: ({ ours, theirs, text }) =>
      ours === 'read' && theirs === 'read' && text.includes('@type'),
  },
  {
    from: 'bufbuild',
    reason:
      'takes a plus sign before the integer key of a map, and any key where the value is left out',
    applies: ({ ours, theirs, text }) =>
      ours === 'refused' && theirs === 'read' && /"\+1"|"\d{8,}"/.test(text),
  },
  {
    from: 'bufbuild',
    reason: 'a message that is null, or an enum name that it ignores, counts as given in a oneof',
    applies: ({ subject, ours, theirs, text }) =>
      ours === 'read' &&
      theirs === 'refused' &&
      /null|"[A-Z_\d]*"/.test(text) &&
      JSON.stringify(subject.file).includes('oneofIndex'),
  },
  {
    from: 'bufbuild',
    reason: "takes the 29th of February in every year and 24 o'clock",
    applies: ({ ours, theirs, text }) =>
      ours === 'refused' && theirs === 'read' && /2023-02-29|T24:/.test(text),
  },
  ...(['protobufjs', 'bufbuild'] as const).map(
    (from): Difference => ({
      from,
      reason: 'takes a lone surrogate in a field mask, which has no UTF-8',
      applies: ({ subject, ours, theirs, text }) =>
        ours === 'refused' &&
        theirs === 'read' &&
        /\\ud[89a-f]/i.test(text) &&
        uses(subject, '.FieldMask'),
    }),
  ),
  {
    from: 'bufbuild',
    reason: 'takes floats just beyond the largest one',
    applies: ({ subject, ours, theirs, text }) =>
      ours === 'refused' &&
      theirs === 'read' &&
      text.includes('e38') &&
      uses(subject, 'TYPE_FLOAT', '.FloatValue'),
  },
  {
    from: 'protobufjs',
    reason: 'the key of a map entry that is left out may stand a second time',
    applies: ({ ours, theirs, text }) =>
      ours === 'refused' && theirs === 'read' && text.includes('"01"'),
  },
  {
    from: 'bufbuild',
    reason: 'takes anything behind a duration, and white space around numbers in strings',
    applies: ({ ours, theirs, text }) =>
      ours === 'refused' && theirs === 'read' && /"-?[\d.]+s[^"]|" 1"/.test(text),
  },
  {
    from: 'bufbuild',
    reason: 'an extension that is null, or has an unknown enum name, has a value all the same',
    applies: ({ text }) => /extra\]"\s*:\s*(?:null|\[?\s*")/.test(text),
  },
];

/** Deep equality, without the message about it. */
export function same(left: unknown, right: unknown): boolean {
  try {
    assert.deepEqual(left, right);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}

function asFloats(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) =>
    typeof value === 'number' ? Math.fround(value) : value,
  );
}

function uses({ file }: Subject, ...types: readonly string[]): boolean {
  const text = JSON.stringify(file);
  return types.some((type) => text.includes(`${type}"`));
}

function decodes({ model }: Subject, bytes: Uint8Array): boolean {
  try {
    decodeValue(layoutOf(model), bytes);
    return true;
  } catch (error) {
    if (error instanceof CodecError) return false;
    throw error;
  }
}
