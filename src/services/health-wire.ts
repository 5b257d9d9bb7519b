/** The messages of grpc.health.v1.Health on the wire. Source: grpc/health/v1/health.proto. */
import protobuf from 'protobufjs';
import { GatewayError } from '../call/error.ts';
import { joinBytes, lengthDelimited } from '../lib/protobuf-wire.ts';

/** HealthCheckResponse.ServingStatus. */
export const SERVING = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
export type ServingStatus = keyof typeof SERVING;

/** HealthCheckRequest.service. Throws a {@link GatewayError} for bytes that are no message. */
export function readService(bytes: Uint8Array): string {
  let service = '';
  try {
    const reader = protobuf.Reader.create(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === SERVICE_TAG) service = reader.string();
      else reader.skipType(tag & 7);
    }
  } catch (cause) {
    const message = 'the message is no HealthCheckRequest';
    throw new GatewayError('PG_INVALID_VALUE', message, { cause });
  }
  return service;
}

/** HealthCheckResponse. */
export function writeHealth(status: ServingStatus): Uint8Array {
  return Uint8Array.of(8, SERVING[status]);
}

/** HealthListResponse. */
export function writeHealthList(services: readonly string[], status: ServingStatus): Uint8Array {
  const value = lengthDelimited(2, [writeHealth(status)]);
  return joinBytes(
    services.flatMap((name) =>
      lengthDelimited(1, [...lengthDelimited(1, [UTF8.encode(name)]), ...value]),
    ),
  );
}

const SERVICE_TAG = 10;
const UTF8 = new TextEncoder();
