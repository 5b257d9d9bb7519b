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

function detailJson({ typeUrl, bytes }: StatusDetail, schema: Schema | null): unknown {
  const message = anyMessage(schema, typeUrl);
  if (message !== undefined) {
    try {
      const value = jsonValue(message, bytes, schema);
      if (specialForm(message) !== undefined) return { '@type': typeUrl, value };
      return { '@type': typeUrl, ...(value as Record<string, unknown>) };
    } catch {
      return { '@type': typeUrl, value: Buffer.from(bytes).toString('base64') };
    }
  }
  return { '@type': typeUrl, value: Buffer.from(bytes).toString('base64') };
}
