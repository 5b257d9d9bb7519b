/** A request head over Node's IncomingMessage or its namesake of node:http2, looked up lazily; nothing of them leaves this folder. */
import type { HeadMemo, RequestHead } from '../call/types.ts';
import type { NodeRequest } from './node-exchange.ts';

export class NodeHead implements RequestHead {
  readonly #request: NodeRequest;
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  /** Of a target in absolute form; it counts more than Host (RFC 9112 section 3.2.2). */
  readonly #authority: string | undefined;

  constructor(request: NodeRequest) {
    this.#request = request;
    this.verb = request.method ?? '';
    const { authority, target } = splitTarget(request.url ?? '');
    this.#authority = authority;
    const mark = target.indexOf('?');
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
  }

  get httpVersion(): string {
    return this.#request.httpVersion;
  }

  get scheme(): 'http' | 'https' {
    return 'encrypted' in this.#request.socket ? 'https' : 'http';
  }

  get authority(): string {
    return this.#authority ?? this.#pseudo(':authority') ?? this.header('host') ?? '';
  }

  get peer(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  get hasBody(): boolean {
    // On HTTP/2 the end of the stream tells, whatever the length says.
    if (this.#request.httpVersionMajor === 2) return !this.#request.stream.endAfterHeaders;
    return (
      this.header('transfer-encoding') !== undefined ||
      Number(this.header('content-length') ?? 0) > 0
    );
  }

  /** node:http hands upgrades out by an event of its server, not as a request. */
  readonly upgrade = undefined;
  readonly memo: HeadMemo = { metadata: null };

  /** Read from what came: how a server joins repeats depends on its options. */
  header(name: string): string | undefined {
    let found: string | undefined;
    this.eachHeader((header, value) => {
      if (header !== name) return;
      found = found === undefined ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`;
    });
    return found;
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    const raw = this.#request.rawHeaders;
    for (let i = 0; i + 1 < raw.length; i += 2) {
      const name = (raw[i] ?? '').toLowerCase();
      if (!name.startsWith(':')) visit(name, raw[i + 1] ?? '');
    }
  }

  #pseudo(name: string): string | undefined {
    const at = this.#request.rawHeaders.indexOf(name);
    return at < 0 ? undefined : this.#request.rawHeaders[at + 1];
  }
}

interface Target {
  /** Undefined unless the target is in absolute form. */
  readonly authority: string | undefined;
  /** The path and the query. */
  readonly target: string;
}

/** Takes a target in absolute form apart (RFC 9112 section 3.2.2); others stay as they are. */
function splitTarget(whole: string): Target {
  const scheme = whole.startsWith('/') ? -1 : whole.indexOf('://');
  if (scheme < 0) return { authority: undefined, target: whole };
  const rest = whole.slice(scheme + 3);
  const at = rest.search(/[/?]/);
  if (at < 0) return { authority: rest, target: '/' };
  const target = rest[at] === '/' ? rest.slice(at) : `/${rest.slice(at)}`;
  return { authority: rest.slice(0, at), target };
}
