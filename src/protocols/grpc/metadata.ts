/** Metadata to and from grpc-js. Names that gRPC owns never cross (gRPC over HTTP/2, "Request-Headers": names that begin with `grpc-`). */
import { Metadata as GrpcMetadata } from '@grpc/grpc-js';
import { isBinaryName, isLegalName, isLegalValue, Metadata } from '../../call/metadata.ts';

/** What the wire itself says, and what a connection may not carry at all (RFC 9113 section 8.2.2): one of these would end the call. */
const OWNED = new Set([
  'te',
  'content-type',
  'content-length',
  'user-agent',
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Connection-level and gRPC's own names that are no metadata, in both directions. */
function isOwned(name: string): boolean {
  return name.startsWith('grpc-') || OWNED.has(name);
}

/** `timeoutMs` is what is left of the deadline, Infinity for none. Names and values that are not legal are left out. */
export function toGrpc(metadata: Metadata, timeoutMs: number): GrpcMetadata {
  const target = new GrpcMetadata();
  metadata.each((name, value) => {
    if (isOwned(name) || !isLegalName(name)) return;
    if (isBinaryName(name)) {
      if (typeof value !== 'string') target.add(name, Buffer.from(value));
    } else if (typeof value === 'string' && isLegalValue(value)) {
      target.add(name, value);
    }
  });
  if (timeoutMs !== Infinity) target.set('grpc-timeout', timeoutText(timeoutMs));
  return target;
}

/** What the service sent, without what belongs to the wire; null where nothing is left. */
export function fromGrpc(source: GrpcMetadata): Metadata | null {
  let metadata: Metadata | null = null;
  for (const name of Object.keys(source.getMap())) {
    if (isOwned(name)) continue;
    for (const value of source.get(name)) (metadata ??= new Metadata()).append(name, value);
  }
  return metadata;
}

/** `TimeoutValue` has at most eight digits; rounded up, so that the service never gives up first by rounding. */
function timeoutText(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms < 1e8 ? `${ms}m` : `${Math.min(Math.ceil(ms / 1000), 99_999_999)}S`;
}
