/** {@link RequestHead} over the fields of a request. It has nothing of one stream but whether a body follows, so it serves many. */
import type { HeadMemo, RequestHead } from '../call/types.ts';
import type { RequestFields } from './request-fields.ts';

/** What the connection knows. */
export interface HeadOrigin {
  readonly scheme: 'http' | 'https';
  readonly peer: string;
}

export class Http2Head implements RequestHead {
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  readonly httpVersion: string = '2.0';
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly peer: string;
  readonly hasBody: boolean;
  readonly upgrade: string | undefined;
  readonly memo: HeadMemo = { metadata: null };
  readonly #fields: readonly string[];

  constructor(request: RequestFields, origin: HeadOrigin, hasBody: boolean) {
    const { verb, target, protocol } = request.pseudo;
    const mark = target.indexOf('?');
    this.verb = verb;
    this.path = mark < 0 ? target : target.slice(0, mark);
    this.query = mark < 0 ? '' : target.slice(mark + 1);
    this.scheme = origin.scheme;
    this.authority = request.authority;
    this.peer = origin.peer;
    this.hasBody = hasBody;
    this.upgrade = protocol;
    this.#fields = request.fields;
  }

  header(name: string): string | undefined {
    const fields = this.#fields;
    let found: string | undefined;
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] !== name) continue;
      const value = fields[i + 1] ?? '';
      found = found === undefined ? value : `${found}, ${value}`;
    }
    return found;
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    const fields = this.#fields;
    for (let i = 0; i < fields.length; i += 2) visit(fields[i] ?? '', fields[i + 1] ?? '');
  }
}
