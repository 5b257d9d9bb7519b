/** google.api.HttpBody: bytes that are no JSON, with their content type. Source: google/api/httpbody.proto. */
import type { MessageModel } from '../schema/model.ts';
import { unreadable } from './json.ts';
import { runtimeOf } from './runtime.ts';
import { lengthDelimited } from './wire.ts';

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

/** The HttpBody that a message is, or that stands in its field `field`. Its data is a view. */
export function decodeHttpBody(
  message: MessageModel,
  bytes: Uint8Array,
  field: string | undefined,
): RawBody {
  try {
    const decoded: unknown = runtimeOf(message).decode(bytes);
    const body = field === undefined ? decoded : member(decoded, field);
    const contentType = member(body, 'content_type');
    const data = member(body, 'data');
    return {
      contentType: typeof contentType === 'string' ? contentType : '',
      data: data instanceof Uint8Array ? data : new Uint8Array(),
    };
  } catch (cause) {
    throw unreadable(message, cause);
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
