/** google.api.HttpBody: bytes that are no JSON, with their content type. Source: google/api/httpbody.proto. */
import type { MessageModel } from '../schema/model.ts';
import { unreadable } from './json.ts';
import { layoutOf, type MessageLayout } from './proto-json/layout.ts';
import { gather } from './proto-json/to-json/gather.ts';
import { joinBytes, lengthDelimited } from '../lib/protobuf-wire.ts';

/** google.api.HttpBody without its extensions. */
export interface RawBody {
  /** Empty where none was named. */
  readonly contentType: string;
  readonly data: Uint8Array;
}

const CONTENT_TYPE = 1;
const DATA = 2;
const utf8 = new TextEncoder();

/** An HttpBody in protobuf, in parts: its data is not copied. */
export function encodeHttpBody({ contentType, data }: RawBody): Uint8Array[] {
  const type = contentType === '' ? [] : lengthDelimited(CONTENT_TYPE, [utf8.encode(contentType)]);
  const bytes = data.length === 0 ? [] : lengthDelimited(DATA, [data]);
  return [...type, ...bytes];
}

/** The HttpBody that a message is, or that stands in its field number `field`. Its data is a view where it came in one piece. */
export function decodeHttpBody(
  message: MessageModel,
  bytes: Uint8Array,
  field: number | undefined,
  refuse: typeof unreadable = unreadable,
): RawBody {
  try {
    const outer = layoutOf(message);
    const body = field === undefined ? bytes : lastOf(outer, bytes, field);
    const layout = field === undefined ? outer : outer.byNumber.get(field)?.value.message;
    if (layout === null || layout === undefined) throw new Error(`no message in field ${field}`);
    return {
      contentType: Buffer.from(lastOf(layout, body, CONTENT_TYPE)).toString('utf8'),
      data: lastOf(layout, body, DATA),
    };
  } catch (cause) {
    throw refuse(message, cause);
  }
}

/** The content of a field; messages that occur more than once are merged, of others the last one counts. */
function lastOf(layout: MessageLayout, bytes: Uint8Array, number: number): Uint8Array {
  const field = layout.byNumber.get(number);
  const places =
    field === undefined ? undefined : gather(layout, bytes, 0, bytes.length)[field.index];
  const parts = (places ?? []).map(({ start, end }) => bytes.subarray(start, end));
  const last = parts.at(-1) ?? new Uint8Array();
  return field?.value.message === null || parts.length < 2 ? last : joinBytes(parts);
}
