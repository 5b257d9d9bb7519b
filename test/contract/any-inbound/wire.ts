/** The client's end of the wire, as a test wants it: cut into single bytes, unread, counted. */
import { PassThrough, pipeline } from 'node:stream';
import type { HttpAnswer, HttpCall, HttpClient, HttpHeaders } from '../../support/clients/http.ts';

export class Wire implements HttpClient {
  readonly version: HttpClient['version'];
  /** Every byte of a request is written on its own. */
  trickles = false;
  /** Nobody reads the body of an answer before. */
  reads: Promise<void> | null = null;
  /** How many bytes of requests the system has taken. */
  taken = 0;
  /** The names of the headers of the last request, in lower case. */
  asked: readonly string[] = [];
  /** Of the last request. */
  answer: Promise<HttpAnswer> | null = null;
  readonly #inner: HttpClient;

  constructor(inner: HttpClient) {
    this.version = inner.version;
    this.#inner = inner;
  }

  request(verb: string, path: string, headers: HttpHeaders): HttpCall {
    this.asked = Object.keys(headers).map((name) => name.toLowerCase());
    const call = this.#inner.request(verb, path, headers);
    this.answer = call.answer;
    const write = (bytes: Uint8Array): void => {
      const parts = this.trickles ? Array.from(bytes, (byte) => Uint8Array.of(byte)) : [bytes];
      for (const part of parts) call.write(part, () => (this.taken += part.length));
    };
    return {
      ...call,
      write,
      end: (bytes) => {
        if (bytes === undefined || !this.trickles) {
          call.end(bytes);
          return;
        }
        write(bytes);
        call.end();
      },
      body: () => {
        const { reads } = this;
        if (reads === null) return call.body();
        const body = call.body();
        const later = new PassThrough();
        void reads.then(() => pipeline(body, later, () => {}));
        return later;
      },
    };
  }

  close(): void {
    this.#inner.close();
  }
}
