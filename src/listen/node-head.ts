/** A request head over Node's IncomingMessage, looked up lazily; nothing of node:http leaves this folder. */
import type { IncomingMessage } from 'node:http';
import type { HeadMemo, RequestHead } from '../call/types.ts';

export class NodeHead implements RequestHead {
  readonly #request: IncomingMessage;
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  /** Of a target in absolute form; it counts more than Host (RFC 9112 section 3.2.2). */
  readonly #authority: string | undefined;

  constructor(request: IncomingMessage) {
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
    return this.#authority ?? this.#request.headers.host ?? '';
  }

  get peer(): string {
    return this.#request.socket.remoteAddress ?? '';
  }

  get hasBody(): boolean {
    const length = this.#request.headers['content-length'];
    return (
      this.#request.headers['transfer-encoding'] !== undefined ||
      (length !== undefined && Number(length) > 0)
    );
  }

  readonly upgrade = undefined;
  readonly memo: HeadMemo = { metadata: null };

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    const raw = this.#request.rawHeaders;
    for (let i = 0; i + 1 < raw.length; i += 2) {
      visit((raw[i] ?? '').toLowerCase(), raw[i + 1] ?? '');
    }
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
