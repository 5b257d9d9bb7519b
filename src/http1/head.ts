/** The head of one request, or of several that a client repeats byte for byte. */
import type { HeadMemo, RequestHead } from '../call/types.ts';
import type { Section } from './section.ts';
import type { Target } from './target.ts';

/** What the connection says about all its requests. */
export interface Peer {
  readonly scheme: 'http' | 'https';
  /** The client's address. */
  readonly peer: string;
}

export class Http1Head implements RequestHead {
  readonly verb: string;
  readonly path: string;
  readonly query: string;
  readonly httpVersion: string;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly peer: string;
  readonly hasBody: boolean;
  readonly section: Section;
  readonly memo: HeadMemo;

  constructor(
    { verb, minor }: { readonly verb: string; readonly minor: number },
    target: Target,
    section: Section,
    connection: Peer,
  ) {
    this.verb = verb;
    this.path = target.path;
    this.query = target.query;
    this.httpVersion = minor === 1 ? '1.1' : '1.0';
    this.scheme = connection.scheme;
    // RFC 9112 section 3.2.2: a target in absolute form counts more than Host.
    this.authority = target.authority ?? section.host;
    this.peer = connection.peer;
    this.hasBody = section.chunked || section.contentLength > 0;
    this.section = section;
    this.memo = target.authority === undefined ? section.memo : { metadata: null };
  }

  get upgrade(): string | undefined {
    return this.section.upgrade;
  }

  header(name: string): string | undefined {
    return this.section.header(name);
  }

  eachHeader(visit: (name: string, value: string) => void): void {
    this.section.eachHeader(visit);
  }
}
