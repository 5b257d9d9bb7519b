/** google.rpc.Status as it travels in `grpc-status-details-bin`, for services and for clients whose library leaves it encoded. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Any, anyPack, anyUnpack } from '@bufbuild/protobuf/wkt';
import { ErrorInfoMessage, StatusMessage } from '../../support/fault-service.ts';
import type { ErrorInfo } from './types.ts';

export function encodeDetails(code: number, message: string, info: ErrorInfo): string {
  const details = [anyPack(ErrorInfoMessage, create(ErrorInfoMessage, { ...info }))];
  const status = create(StatusMessage, { code, message, details });
  return Buffer.from(toBinary(StatusMessage, status)).toString('base64');
}

export function decodeDetails(status: Uint8Array | undefined): ErrorInfo[] {
  if (status === undefined) return [];
  const { details } = fromBinary(StatusMessage, status) as unknown as { details: Any[] };
  return details
    .map((any) => anyUnpack(any, ErrorInfoMessage) as unknown as ErrorInfo | undefined)
    .filter((info) => info !== undefined);
}
