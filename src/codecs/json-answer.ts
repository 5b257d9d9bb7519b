/** JSON that a service has answered with, to protobuf. What the schema does not know is left out: services grow before their gateways do. */
import { GatewayError } from '../call/error.ts';
import type { FieldModel, MessageModel, Schema } from '../schema/model.ts';
import { addFaults } from './json-faults.ts';
import { parseJson } from './json-text.ts';
import { unreadable } from './json.ts';
import { Violations } from './problems.ts';
import { JsonFault } from './proto-json/from-json/fault.ts';
import { jsonFieldReader, jsonReader } from './proto-json/from-json/read-json.ts';
import type { ReadOptions } from './proto-json/from-json/scan.ts';
import { layoutOf } from './proto-json/layout.ts';
import { Scratch } from './proto-json/output.ts';
import { utf8Text } from './utf8.ts';

export interface AnswerDecoding {
  /** Where an Any looks for its type. */
  readonly schema: Schema;
  readonly maxDepth: number;
  /** The JSON is that of this field alone (`response_body`). */
  readonly field?: FieldModel | undefined;
}

/** JSON bytes to the protobuf of the whole message. Throws PG_RESPONSE_UNREADABLE that says what is wrong. */
export type DecodeAnswer = (json: Uint8Array) => Uint8Array;

const scratch = new Scratch();

export function answerDecoder(
  message: MessageModel,
  { schema, maxDepth, field }: AnswerDecoding,
): DecodeAnswer {
  const layout = layoutOf(message);
  const only = field === undefined ? undefined : layout.byNumber.get(field.number);
  const read = only === undefined ? jsonReader(layout) : jsonFieldReader(layout, only);
  const options: ReadOptions = {
    ignoreUnknown: true,
    caseInsensitiveEnums: false,
    maxDepth,
    types: schema,
  };
  return (json) => {
    try {
      read(json, scratch.take(), options);
      return scratch.finish();
    } catch (error) {
      if (!(error instanceof JsonFault)) throw error;
      const whole = field === undefined ? message : undefined;
      throw unreadable(message, new Error(explain(error, json, whole, maxDepth)));
    }
  };
}

/** The reader says only where it stopped; what is wrong there is found by reading again. */
function explain(
  fault: JsonFault,
  json: Uint8Array,
  message: MessageModel | undefined,
  maxDepth: number,
): string {
  if (fault.deep) return `the JSON nests deeper than ${maxDepth} levels`;
  try {
    const value = parseJson(utf8Text(json), maxDepth);
    const found = new Violations();
    if (message !== undefined) addFaults(message, value, found, false);
    const [first] = found.listed;
    if (first !== undefined)
      return `${first.field === '' ? 'it' : first.field}: ${first.description}`;
  } catch (error) {
    if (error instanceof GatewayError) return error.message;
    throw error;
  }
  return `the JSON has no value of that type at byte ${fault.offset}`;
}
