/**
 * Finds heads in what a connection has received. A client that keeps its connection mostly repeats the header section of its last request
 * byte for byte, so each connection keeps its last one: where the bytes are the same, what they mean is the same, and llhttp is not asked.
 * That holds for any request line that has passed {@link readRequestLine} with HTTP/1.1: what llhttp makes of a header section depends on
 * the line only through the version and the method CONNECT, and the body is delimited by the section alone. Sections with a
 * Transfer-Encoding or an Upgrade are never kept.
 */
import { GatewayError } from '../call/error.ts';
import type { ConnectionLimits, LimitName } from '../call/server.ts';
import { Http1Head, type Peer } from './head.ts';
import { execute, type Parser, parsed, resetParser, returnParser, takeParser } from './llhttp.ts';
import { line, malformed, readRequestLine } from './request-line.ts';
import { readSection, type Section } from './section.ts';
import { readTarget } from './target.ts';

/** A larger head is not kept. */
const MAX_KEPT_BYTES = 4_096;
const NOTHING: Buffer = Buffer.alloc(0);
/** Parses heads that are there in full. */
const whole: Parser = takeParser();

export class HeadReader {
  /** Behind the head that {@link read} has given. */
  end = 0;
  /** The bound that the last refusal is about. */
  limit: LimitName | null = null;
  readonly #limits: ConnectionLimits;
  readonly #peer: Peer;
  /** The last head that may be repeated. */
  #kept: Buffer = NOTHING;
  #keptHead: Http1Head | null = null;
  /** Where the header section of `#kept` begins. */
  #keptSection = 0;
  /** The part of a head that has come, and the parser that has seen it. */
  #partial: Buffer = NOTHING;
  #partialBytes = 0;
  #parser: Parser | null = null;

  constructor(limits: ConnectionLimits, peer: Peer) {
    this.#limits = limits;
    this.#peer = peer;
  }

  /** Whether a head has begun and not ended. */
  get waiting(): boolean {
    return this.#partialBytes > 0;
  }

  /** The head that begins at `from`, or continues there. Null takes all there is and asks for more. What is wrong with it comes at once. */
  read(bytes: Buffer, from: number): Http1Head | GatewayError | null {
    if (this.#partialBytes > 0) return this.#continue(bytes, from);
    const kept = this.#kept;
    const { length } = kept;
    if (
      length > 0 &&
      bytes.length - from >= length &&
      bytes.compare(kept, 0, length, from, from + length) === 0
    ) {
      this.end = from + length;
      return this.#keptHead;
    }
    return this.#readNew(bytes, from);
  }

  /** Gives back what belongs to a connection that ends. */
  close(): void {
    if (this.#parser !== null) returnParser(this.#parser);
    this.#parser = null;
    this.#forget();
    this.#kept = NOTHING;
    this.#keptHead = null;
  }

  #readNew(bytes: Buffer, start: number): Http1Head | GatewayError | null {
    const from = skipEmptyLines(bytes, start);
    const problem = readLine(bytes, from);
    if (problem === undefined) return this.#wait(bytes, from);
    if (problem !== null) return problem;
    const { targetFrom, targetTo, end: lineEnd, minor } = line;
    if (targetTo - targetFrom > this.#limits.targetBytes) return this.#tooLong();
    let section: Section;
    if (minor === 1 && this.#repeats(bytes, lineEnd)) {
      section = (this.#keptHead as Http1Head).section;
      this.end = lineEnd + this.#kept.length - this.#keptSection;
    } else {
      resetParser(whole);
      const end = execute(
        whole,
        bytes,
        from,
        Math.min(bytes.length, from + this.#limits.headerBytes),
      );
      if (end < 0) return malformed(parsed.reason);
      if (!parsed.headEnded) return this.#wait(bytes, from);
      this.end = end;
      if (parsed.fields > this.#limits.headers) return this.#tooMany();
      const found = readSection(bytes, lineEnd, end, minor);
      if (found instanceof GatewayError) return found;
      section = found;
    }
    if (this.end - from > this.#limits.headerBytes) return this.#tooLarge();
    const target = readTarget(bytes.toString('latin1', targetFrom, targetTo), line.verb);
    if (target instanceof GatewayError) return target;
    const head = new Http1Head(line, target, section, this.#peer);
    this.#keep(head, bytes.subarray(from, this.end), lineEnd - from);
    return head;
  }

  #repeats(bytes: Buffer, lineEnd: number): boolean {
    const kept = this.#kept;
    const end = lineEnd + kept.length - this.#keptSection;
    return (
      kept.length > 0 &&
      bytes.length >= end &&
      bytes.compare(kept, this.#keptSection, kept.length, lineEnd, end) === 0
    );
  }

  #keep(head: Http1Head, bytes: Buffer, sectionAt: number): void {
    const { section } = head;
    if (
      head.httpVersion !== '1.1' ||
      section.chunked ||
      section.upgrade !== undefined ||
      bytes.length > MAX_KEPT_BYTES
    ) {
      return;
    }
    this.#kept = Buffer.from(bytes);
    this.#keptHead = head;
    this.#keptSection = sectionAt;
  }

  /** The head ends in a later chunk: keeps this one, and sees to it that what is wrong is found before the head is complete. */
  #wait(bytes: Buffer, from: number): GatewayError | null {
    if (from === bytes.length) return null;
    this.#parser ??= takeParser();
    resetParser(this.#parser);
    return this.#append(bytes, from);
  }

  #continue(bytes: Buffer, from: number): Http1Head | GatewayError | null {
    const before = this.#partialBytes;
    const problem = this.#append(bytes, from);
    if (problem !== null) return problem;
    if (!parsed.headEnded) {
      const empty = skipEmptyLines(this.#partial.subarray(0, this.#partialBytes), 0);
      // No head has begun yet.
      if (empty === this.#partialBytes) this.#forget();
      return null;
    }
    const head = this.#partial.subarray(0, this.#partialBytes);
    this.#forget();
    const read = this.#readNew(head, 0);
    if (read === null) return malformed('the head does not end');
    // Where it ends in the chunk that has ended it.
    this.end = from + this.end - before;
    return read;
  }

  /** Feeds a part of a head; {@link parsed} says whether it has ended. */
  #append(bytes: Buffer, from: number): GatewayError | null {
    const end = execute(this.#parser as Parser, bytes, from, bytes.length);
    const total = this.#partialBytes + (end < 0 ? bytes.length : end) - from;
    if (total > this.#limits.headerBytes) return this.#tooLarge();
    this.#store(bytes, from, end < 0 ? bytes.length : end);
    const head = this.#partial.subarray(0, this.#partialBytes);
    const problem = readLine(head, skipEmptyLines(head, 0));
    if (problem instanceof GatewayError) return problem;
    // Verb and version have room in 64 bytes.
    const target = problem === null ? line.targetTo - line.targetFrom : this.#partialBytes - 64;
    if (target > this.#limits.targetBytes) return this.#tooLong();
    return end < 0 ? malformed(parsed.reason) : null;
  }

  #store(bytes: Buffer, from: number, to: number): void {
    const needed = this.#partialBytes + to - from;
    if (needed > this.#partial.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(512, needed * 2));
      this.#partial.copy(larger, 0, 0, this.#partialBytes);
      this.#partial = larger;
    }
    bytes.copy(this.#partial, this.#partialBytes, from, to);
    this.#partialBytes = needed;
  }

  #forget(): void {
    this.#partial = NOTHING;
    this.#partialBytes = 0;
  }

  #tooLarge(): GatewayError {
    this.limit = 'header_bytes';
    return new GatewayError('PG_HEADERS_TOO_LARGE', 'the header section is too large');
  }

  #tooMany(): GatewayError {
    this.limit = 'headers';
    return new GatewayError('PG_HEADERS_TOO_LARGE', 'the request has too many headers');
  }

  #tooLong(): GatewayError {
    this.limit = 'target';
    return new GatewayError('PG_TARGET_TOO_LONG', 'the path and the query are too long');
  }
}

/** Nothing, and half of an empty line, are the beginning of a line. */
function readLine(bytes: Buffer, from: number): GatewayError | null | undefined {
  if (from === bytes.length || (from === bytes.length - 1 && bytes[from] === 0x0d))
    return undefined;
  return readRequestLine(bytes, from);
}

/** RFC 9112 section 2.2: empty lines before a request line are passed over. */
function skipEmptyLines(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x0d && bytes[at + 1] === 0x0a) at += 2;
  return at;
}
