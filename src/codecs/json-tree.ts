/** JSON values that somebody has looked into, back to protobuf: as text again, through the one reader of ProtoJSON. */
import type { MessageModel, Schema } from '../schema/model.ts';
import { JsonNumber } from './json-number.ts';
import type { JsonValue } from './json-text.ts';
import { JsonFault } from './proto-json/from-json/fault.ts';
import { readJson } from './proto-json/from-json/read-json.ts';
import { layoutOf } from './proto-json/layout.ts';
import { Scratch } from './proto-json/output.ts';

/** Depth has been judged where the value was parsed, by the limit of its route. */
const MAX_DEPTH = 10_000;
const scratch = new Scratch();

export interface TreeOptions {
  /** Where an Any looks for its type; null knows only the types that come along. */
  readonly types: Schema | null;
  /** Names of enums in any case. */
  readonly caseInsensitiveEnums: boolean;
}

/** The protobuf of a message from a JSON value, or the fault where it is no JSON of that message. */
export function readTree(
  message: MessageModel,
  value: JsonValue,
  { types, caseInsensitiveEnums }: TreeOptions,
): Uint8Array | JsonFault {
  const options = { ignoreUnknown: false, caseInsensitiveEnums, maxDepth: MAX_DEPTH, types };
  try {
    readJson(layoutOf(message), Buffer.from(textOf(value)), scratch.take(), options);
    return scratch.finish();
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

/** JSON.stringify knows no number of more digits than a double has. */
function textOf(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, inner]) => `${JSON.stringify(name)}:${textOf(inner)}`,
    );
    return `{${members.join(',')}}`;
  }
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}
