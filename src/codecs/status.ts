/** google.rpc.Status as JSON, its details decoded. Source: google/rpc/status.proto. */
import { type StatusCode, type StatusDetail, statusNumber } from '../call/status.ts';
import type { Schema } from '../schema/model.ts';
import { jsonValue } from './json.ts';
import { anyMessage } from './any-message.ts';
import { specialForm } from './special.ts';

/**
 * `{ code, message, details }` as JSON.stringify takes it. A detail is decoded with the service's schema, else with the types of google.rpc;
 * one that neither can read is `{ "@type", "value" }` with its bytes in base64, since an error must never fail because of its details.
 */
export function statusJson(
  status: {
    readonly code: StatusCode;
    readonly message: string;
    readonly details: readonly StatusDetail[];
  },
  schema: Schema | null,
): Record<string, unknown> {
  return {
    code: statusNumber(status.code),
    message: status.message,
    details: status.details.map((detail) => detailJson(detail, schema)),
  };
}

/** The JSON of a detail by itself; undefined where neither knows its type, or the bytes are none. */
export function detailValue({ typeUrl, bytes }: StatusDetail, schema: Schema | null): unknown {
  const message = anyMessage(schema, typeUrl);
  if (message === undefined) return undefined;
  try {
    return jsonValue(message, bytes, schema);
  } catch {
    return undefined;
  }
}

function detailJson(detail: StatusDetail, schema: Schema | null): unknown {
  const { typeUrl, bytes } = detail;
  const value = detailValue(detail, schema);
  if (value === undefined) {
    return { '@type': typeUrl, value: Buffer.from(bytes).toString('base64') };
  }
  const message = anyMessage(schema, typeUrl);
  const isSpecial = message !== undefined && specialForm(message) !== undefined;
  return isSpecial ? { '@type': typeUrl, value } : { '@type': typeUrl, ...(value as object) };
}
