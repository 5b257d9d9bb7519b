/** Which content types are gRPC's (gRPC over HTTP/2, "Content-Type"). */
import { GatewayError } from '../../call/error.ts';
import type { RequestHead } from '../../call/types.ts';

/** Whether the request is gRPC's to answer, also where it is refused. It needs trailers, and so HTTP/2. */
export function isGrpc(head: RequestHead): boolean {
  if (!head.httpVersion.startsWith('2')) return false;
  return head.header('content-type')?.toLowerCase().startsWith('application/grpc') === true;
}

/** Messages are protobuf; a browser's grpc-web and other codecs are not taken for it. */
export function checkContentType(head: RequestHead): void {
  const type = head.header('content-type') ?? '';
  if (/^application\/grpc(?:\+proto)?\s*(?:;|$)/i.test(type)) return;
  throw new GatewayError(
    'PG_UNSUPPORTED_MEDIA_TYPE',
    `Content-Type is ${JSON.stringify(type.slice(0, 80))}: send application/grpc or application/grpc+proto`,
  );
}
