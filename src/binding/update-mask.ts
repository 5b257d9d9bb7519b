/** The update mask that a PATCH implies: what its body names is what it changes (AIP-134, and what grpc-gateway computes). */
import { isJsonObject, type JsonObject, type JsonValue } from '../codecs/json-text.ts';
import { FIELD_MASK, isSingular, plainMessage } from '../codecs/special.ts';
import { lengthDelimited } from '../lib/protobuf-wire.ts';
import type { FieldModel, MessageModel } from '../schema/model.ts';
import type { Draft } from './draft.ts';

const NAME = 'update_mask';
/** FieldMask.paths. */
const PATHS = 1;
const utf8 = new TextEncoder();

/** The mask field of a request message, if it has one. */
export function maskFieldOf(message: MessageModel): FieldModel | undefined {
  const field = message.byName.get(NAME);
  if (field?.type.kind !== 'message' || !isSingular(field)) return undefined;
  return field.type.message.fullName === FIELD_MASK ? field : undefined;
}

/** What the mask of a PATCH with this body holds; asked before path and query are set. Empty where no mask is due. */
export function impliedPaths({ plan, root }: Draft): readonly string[] {
  if (plan.mask === undefined || plan.body.kind !== 'field') return [];
  const body = root[plan.body.field.name];
  return isJsonObject(body) ? maskPaths(plan.mask.message, body) : [];
}

/** The leaves that a body names, in proto names. Lists, maps and well-known types are leaves; so is null, which clears. */
function maskPaths(message: MessageModel, body: JsonObject, prefix = ''): string[] {
  return Object.entries(body).flatMap(([key, value]) => {
    const field = message.byName.get(key);
    if (field === undefined) return [];
    const path = prefix + field.name;
    const inner = isSingular(field) ? plainMessage(field.type) : undefined;
    if (inner === undefined || !isFilled(value)) return [path];
    return maskPaths(inner, value, `${path}.`);
  });
}

/** A mask field in protobuf, in parts. By hand, since the JSON of a FieldMask can't hold every field name (`a_1`). */
export function encodeMask(field: FieldModel, paths: readonly string[]): Uint8Array[] {
  const parts = paths.flatMap((path) => lengthDelimited(PATHS, [utf8.encode(path)]));
  return lengthDelimited(field.number, parts);
}

function isFilled(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && Object.keys(value).length > 0;
}
