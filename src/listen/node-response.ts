/** What is written to the responses of node:http and node:http2, whose methods are the same but a union of overloads cannot be called. */
import type { ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { HeaderList } from '../call/types.ts';

export type NodeResponse = ServerResponse | Http2ServerResponse;

/** RFC 9113 section 7: why a stream ends. */
const NO_ERROR = 0;

/** A head that ends its stream: gRPC clients take nothing else for an answer of trailers alone. */
export function endWithHead(
  response: Http2ServerResponse,
  status: number,
  headers: HeaderList,
): void {
  response.statusCode = status;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    response.appendHeader(headers[i] as string, headers[i + 1] as string);
  }
  response.end();
}

/** Ends a stream behind its answer, whose trailers a reset at `finish` would overtake; one that its head ends has none. */
export function refuseRestOf(stream: Http2ServerRequest['stream'], headEnds: boolean): void {
  const leave = (): void => {
    stream.close(NO_ERROR);
    // By itself it would wait for somebody to read what has come.
    setImmediate(() => stream.destroy());
  };
  if (headEnds) stream.on('finish', leave);
  // Trailers, be there any or none, are asked for and written in the same breath.
  else stream.on('wantTrailers', () => setImmediate(leave));
}

export function writeHead(response: NodeResponse, status: number, headers: HeaderList): void {
  if ('stream' in response) response.writeHead(status, headers);
  else response.writeHead(status, headers);
}

export function writeChunk(response: NodeResponse, chunk: Uint8Array): boolean {
  return 'stream' in response ? response.write(chunk) : response.write(chunk);
}

export function addTrailers(response: NodeResponse, trailers: HeaderList): void {
  const grouped: Record<string, string[]> = {};
  for (let i = 0; i + 1 < trailers.length; i += 2) {
    (grouped[trailers[i] as string] ??= []).push(trailers[i + 1] as string);
  }
  if ('stream' in response) response.addTrailers(grouped);
  else response.addTrailers(Object.entries(grouped).flatMap(pairsOf));
}

export function namesOf(headers: HeaderList): string {
  return headers.filter((_, index) => index % 2 === 0).join(', ');
}

function pairsOf([name, values]: [string, string[]]): [string, string][] {
  return values.map((value) => [name, value]);
}
