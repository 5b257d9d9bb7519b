/** What pages of other sites need of CORS for these protocols (the Fetch standard, "CORS protocol"). */
import type { Call } from '../call/call.ts';
import type { HeaderList } from '../call/types.ts';

/** Request headers of gRPC-Web and Connect that a page's preflight asks for. */
export const PAGE_HEADERS: readonly string[] = [
  'content-type',
  'connect-protocol-version',
  'connect-timeout-ms',
  'connect-accept-encoding',
  'connect-content-encoding',
  'grpc-timeout',
  'grpc-encoding',
  'grpc-accept-encoding',
  'x-grpc-web',
  'x-user-agent',
];

/** How the call went is told by headers of the protocol: where CORS lets the page in, it may read them. */
export function expose(headers: HeaderList, call: Call): void {
  if (!call.answerHeaders.includes('access-control-allow-origin')) return;
  const names = new Set<string>();
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    if (isOfProtocol(name)) names.add(name);
  }
  if (names.size > 0) headers.push('access-control-expose-headers', [...names].join(', '));
}

/** Trailers too: pages of gRPC-Web read them in the body. */
function isOfProtocol(name: string): boolean {
  return (
    name.startsWith('grpc-') ||
    name.startsWith('connect-') ||
    name.startsWith('trailer-') ||
    name === 'content-encoding' ||
    name === 'x-request-id'
  );
}
