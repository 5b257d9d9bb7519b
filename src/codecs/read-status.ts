/** google.rpc.Status out of the JSON of an error, as services write it: bare, in `{"error": …}`, or as RFC 9457 problem details. */
import { STATUS_CODES, type StatusCode, type StatusDetail } from '../call/status.ts';
import { builtinSchema } from '../schema/builtin.ts';
import type { Schema } from '../schema/model.ts';
import { anyMessage } from './any-message.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json-text.ts';
import { readTree } from './json-tree.ts';
import { JsonFault } from './proto-json/from-json/fault.ts';
import { layoutOf } from './proto-json/layout.ts';
import { gather } from './proto-json/to-json/gather.ts';

export interface ReadStatus {
  /** Undefined where the JSON names none: then the HTTP status says it. */
  readonly code: StatusCode | undefined;
  /** Empty where the JSON has none. */
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** How many details are looked at; google.rpc has ten kinds. */
const MAX_DETAILS = 100;
const NOTHING: ReadStatus = { code: undefined, message: '', details: [] };

/** Never throws: what is no status has neither code nor message. */
export function readStatus(json: JsonValue, schema: Schema | null): ReadStatus {
  if (!isJsonObject(json)) return NOTHING;
  const { error } = json;
  // `{"error": {"code": 404, "status": "NOT_FOUND", …}}` is the form of Google's APIs, a string that of early grpc-gateways.
  const status = isJsonObject(error) ? error : json;
  const message = textOf(status['message']) || textOf(status['detail']);
  return {
    code: codeOf(status),
    message: message || textOf(status['title']) || textOf(error),
    details: detailsOf(status['details'], schema),
  };
}

/** By name where there is one: then `code` is the HTTP status. An error is never OK. */
function codeOf(status: JsonObject): StatusCode | undefined {
  const name = textOf(status['status']);
  const named = STATUS_CODES.find((code) => code === name);
  if (named !== undefined) return named === 'OK' ? undefined : named;
  const { code } = status;
  return typeof code === 'number' && code > 0 ? STATUS_CODES[code] : undefined;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function detailsOf(value: JsonValue | undefined, schema: Schema | null): StatusDetail[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MAX_DETAILS).flatMap((detail) => {
    const read = isJsonObject(detail) ? detailOf(detail, schema) : undefined;
    return read === undefined ? [] : [read];
  });
}

/** One that can't be read is left out: an error must never fail because of its details. */
function detailOf(detail: JsonObject, schema: Schema | null): StatusDetail | undefined {
  const typeUrl = textOf(detail['@type']);
  if (typeUrl === '') return undefined;
  if (anyMessage(schema, typeUrl) === undefined) {
    // How status.ts writes what it can't read.
    const bytes = Buffer.from(textOf(detail['value']), 'base64');
    return { typeUrl, bytes };
  }
  const any = builtinSchema().messages.get('google.protobuf.Any');
  if (any === undefined) return undefined;
  const bytes = readTree(any, detail, { types: schema, caseInsensitiveEnums: false });
  if (bytes instanceof JsonFault) return undefined;
  const place = gather(layoutOf(any), bytes, 0, bytes.length)[1]?.at(-1);
  return {
    typeUrl,
    bytes: place === undefined ? new Uint8Array() : bytes.subarray(place.start, place.end),
  };
}
