/** The body of the current request of a connection (RFC 9112 section 6): counted, or decoded by llhttp where it comes in chunks. */
import type { ConnectionLimits } from '../call/server.ts';
import type { Http1Exchange } from './exchange.ts';
import { execute, type Parser, parsed, returnParser, takeParser } from './llhttp.ts';

/** Brings a parser to the beginning of a chunked body, whatever head ours had. */
const CHUNKED_HEAD = Buffer.from('POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n');
/** Chunks of one byte have five bytes around it. */
const MAX_OVERHEAD_FACTOR = 8;
const NOTHING: Buffer = Buffer.alloc(0);
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

export class BodyReader {
  /** Why it cannot be read; llhttp's words. */
  reason = '';
  /** Whether that is the bound of what stands around the chunks: extensions and trailers. */
  tooMuchAround = false;
  readonly #limits: ConnectionLimits;
  #left = 0;
  #parser: Parser | null = null;
  /** Decoded and not yet delivered: from, to, from, to. */
  #spans: number[] = [];
  #next = 0;
  #bytes: Buffer = NOTHING;
  #messageEnded = false;
  #around = 0;
  #within = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Whether the rest of the body is what stands in `bytes` behind `from`; of chunks that nobody has decoded yet their last bytes say so. */
  isThere(bytes: Buffer, from: number): boolean {
    if (this.#parser === null) return this.#left <= bytes.length - from;
    return (
      this.#messageEnded || bytes.subarray(from).subarray(-LAST_CHUNK.length).equals(LAST_CHUNK)
    );
  }

  /** Begins a body. */
  start(exchange: Http1Exchange): void {
    const { section, hasBody } = exchange.head;
    if (!hasBody) return;
    this.#left = section.contentLength;
    if (!section.chunked) return;
    this.#parser = takeParser();
    execute(this.#parser, CHUNKED_HEAD, 0, CHUNKED_HEAD.length);
    this.#spans = [];
    this.#next = 0;
    this.#messageEnded = false;
    this.#around = 0;
    this.#within = 0;
  }

  /**
   * Delivers what stands in `bytes` behind `from`, as long as the exchange takes it; passes over all where `skip` says so. Gives the
   * place that it has come to, or -1 where the rest cannot be read.
   */
  read(exchange: Http1Exchange, bytes: Buffer, from: number, skip: boolean): number {
    if (exchange.bodyEnded) return from;
    return this.#parser === null
      ? this.#readCounted(exchange, bytes, from, skip)
      : this.#readChunked(exchange, bytes, from, skip);
  }

  close(): void {
    if (this.#parser !== null) returnParser(this.#parser);
    this.#parser = null;
    this.#spans = [];
    this.#bytes = NOTHING;
  }

  #readCounted(exchange: Http1Exchange, bytes: Buffer, from: number, skip: boolean): number {
    if (from === bytes.length || !(skip || exchange.reading)) return from;
    const to = Math.min(bytes.length, from + this.#left);
    this.#left -= to - from;
    const ended = this.#left === 0;
    // What is passed over is missing: whoever has read the rest must not take it for all.
    if (skip) exchange.breakBody();
    else exchange.deliver(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
    if (ended) exchange.endBody();
    return to;
  }

  #readChunked(exchange: Http1Exchange, bytes: Buffer, from: number, skip: boolean): number {
    let at = from;
    for (;;) {
      while (this.#next < this.#spans.length) {
        if (skip) {
          this.#next = this.#spans.length;
          exchange.breakBody();
          break;
        }
        if (!exchange.reading) return at;
        const start = this.#spans[this.#next] as number;
        const end = this.#spans[this.#next + 1] as number;
        this.#next += 2;
        exchange.deliver(this.#bytes.subarray(start, end));
        // Its answer may have ended the body meanwhile.
        if (this.#parser === null) return at;
      }
      if (this.#messageEnded) {
        if (!skip && !exchange.reading) return at;
        this.close();
        exchange.endBody();
        return at;
      }
      if (at === bytes.length || !(skip || exchange.reading)) return at;
      at = this.#decode(bytes, at);
      if (at < 0) return -1;
    }
  }

  #decode(bytes: Buffer, from: number): number {
    const at = execute(this.#parser as Parser, bytes, from, bytes.length);
    if (at < 0) {
      this.reason = parsed.reason;
      return -1;
    }
    this.#bytes = bytes;
    this.#spans = parsed.body.slice();
    this.#next = 0;
    this.#messageEnded = parsed.messageEnded;
    let within = 0;
    for (let i = 0; i < this.#spans.length; i += 2) {
      within += (this.#spans[i + 1] as number) - (this.#spans[i] as number);
    }
    this.#within += within;
    this.#around += at - from - within;
    if (this.#around <= this.#limits.headerBytes + MAX_OVERHEAD_FACTOR * this.#within) return at;
    this.reason = 'chunk extensions and trailers are too large';
    this.tooMuchAround = true;
    return -1;
  }
}
