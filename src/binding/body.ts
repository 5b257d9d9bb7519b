/** The body of a request as its rule says: nothing, the message, one field, or bytes that are no JSON. */
import { GatewayError } from '../call/error.ts';
import { encodeHttpBody } from '../codecs/http-body.ts';
import { isJsonObject, type JsonValue, parseJson } from '../codecs/json-text.ts';
import { invalidValue } from '../codecs/problems.ts';
import { settleField, settleMessage } from '../codecs/settle.ts';
import { specialForm } from '../codecs/special.ts';
import { utf8Text } from '../codecs/utf8.ts';
import { lengthDelimited } from '../lib/protobuf-wire.ts';
import { type Draft, settlingAt } from './draft.ts';

/** Sets the JSON of the draft, or returns the protobuf of a google.api.HttpBody, in parts. An empty body is none. */
export function readBody(
  draft: Draft,
  body: Uint8Array | undefined,
  contentType: string | undefined,
): readonly Uint8Array[] {
  const plan = draft.plan.body;
  const bytes = body ?? new Uint8Array();
  if (plan.kind === 'none') {
    if (bytes.length > 0) refuseBody(draft);
    return [];
  }
  if (plan.raw) {
    const parts = encodeHttpBody({ contentType: contentType ?? '', data: bytes });
    if (plan.kind === 'whole' || parts.length === 0) return parts;
    return lengthDelimited(plan.field.number, parts);
  }
  if (bytes.length === 0) return [];
  if (plan.kind === 'whole') {
    readMessage(draft, bytes);
  } else {
    const { name } = plan.field;
    const value = parse(draft, bytes, name);
    draft.root[name] = settleField(plan.field, value, settlingAt(draft, [name]));
  }
  return [];
}

function readMessage(draft: Draft, bytes: Uint8Array): void {
  const { input } = draft.plan;
  const value = settleMessage(input, parse(draft, bytes, ''), settlingAt(draft, []));
  if (specialForm(input) !== undefined) draft.special = value;
  else if (isJsonObject(value)) draft.root = value;
  else throw invalidValue('', 'the body must be a JSON object');
}

function parse({ plan }: Draft, bytes: Uint8Array, prefix: string): JsonValue {
  return parseJson(utf8Text(bytes), plan.settings.maxDepth, prefix);
}

function refuseBody({ plan, unknown }: Draft): void {
  const { verb, template } = plan.rule;
  const message = `${verb} ${template} takes no body`;
  if (plan.settings.strictness === 'reject') throw new GatewayError('PG_UNEXPECTED_BODY', message);
  unknown.add('(body)', () => message);
}
