/**
 * A toy protocol, written as somebody outside of this repository would: one JSON value a line. The first line of an answer has its metadata,
 * then each message has one, in base64; the last has the end. The inbound speaks it in bodies of HTTP; the outbound over a plain socket, where
 * the request begins with a line of its own and ends with another.
 */
import type { GatewayError } from '../../../src/call/error.ts';
import { isBinaryName, isLegalName, isLegalValue, Metadata } from '../../../src/call/metadata.ts';
import { type Status, STATUS_CODES, toldDetails } from '../../../src/call/status.ts';

/** Names with their values, those of `-bin` names in base64. */
export type Fields = Readonly<Record<string, readonly string[]>>;

export interface LineEnd {
  readonly code: string;
  readonly message: string;
  readonly details: readonly { readonly type: string; readonly value: string }[];
  readonly trailers: Fields;
}

export type Line =
  | { readonly head: Fields }
  | { readonly message: string }
  | { readonly end: LineEnd }
  | { readonly done: true }
  | { readonly call: string; readonly metadata: Fields; readonly timeoutMs: number | null };

/** What belongs to a connection or to another protocol. */
const OWNED =
  /^(?:grpc-.*|content-.*|te|host|connection|keep-alive|transfer-encoding|upgrade|lines-.*)$/;

export function lineOf(line: Line): Buffer {
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

export function messageLine(bytes: Uint8Array): Buffer {
  return lineOf({ message: Buffer.from(bytes).toString('base64') });
}

export function endLine(status: Status, id: string | undefined): Buffer {
  const details = toldDetails(status, id).map(({ typeUrl, bytes }) => ({
    type: typeUrl,
    value: Buffer.from(bytes).toString('base64'),
  }));
  const { code, message, trailers } = status;
  return lineOf({ end: { code, message, details, trailers: fieldsOf(trailers) } });
}

export function statusFrom({ code, message, details, trailers }: LineEnd): Status {
  return {
    code: STATUS_CODES.find((known) => known === code) ?? 'UNKNOWN',
    message,
    details: details.map(({ type, value }) => ({
      typeUrl: type,
      bytes: Buffer.from(value, 'base64'),
    })),
    trailers: metadataFrom(trailers),
    error: null,
  };
}

export function fieldsOf(metadata: Metadata | null): Fields {
  const fields: Record<string, string[]> = {};
  metadata?.each((name, value) => {
    if (OWNED.test(name) || !isLegalName(name)) return;
    if (typeof value !== 'string')
      (fields[name] ??= []).push(Buffer.from(value).toString('base64'));
    else if (!isBinaryName(name) && isLegalValue(value)) (fields[name] ??= []).push(value);
  });
  return fields;
}

export function metadataFrom(fields: Fields): Metadata {
  const metadata = new Metadata();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of values) addField(metadata, name, value);
  }
  return metadata;
}

export function addField(metadata: Metadata, name: string, value: string): void {
  if (OWNED.test(name) || !isLegalName(name)) return;
  metadata.append(name, isBinaryName(name) ? Buffer.from(value, 'base64') : value);
}

/** Takes bytes as they come and gives whole lines; throws where one is longer than `maxBytes` of message allow. */
export class LineReader {
  readonly #tooLong: () => GatewayError;
  readonly #maxLine: number;
  readonly #maxBytes: number;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(maxBytes: number, tooLong: () => GatewayError) {
    this.#maxBytes = maxBytes;
    this.#maxLine = Math.ceil(maxBytes / 3) * 4 + 1_000;
    this.#tooLong = tooLong;
  }

  /** Whether a line has begun and not ended. */
  get within(): boolean {
    return this.#restBytes > 0;
  }

  /** Gives what is whole to `take`, line by line. */
  push(chunk: Uint8Array, take: (line: Line) => void): void {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      take(this.#line());
    }
    this.#keep(chunk.subarray(from));
  }

  #keep(part: Uint8Array): void {
    this.#rest.push(Buffer.from(part));
    this.#restBytes += part.length;
    if (this.#restBytes > this.#maxLine) throw this.#tooLong();
  }

  #line(): Line {
    const text = Buffer.concat(this.#rest).toString();
    this.#rest = [];
    this.#restBytes = 0;
    const line = JSON.parse(text) as Line;
    if ('message' in line && Buffer.byteLength(line.message, 'base64') > this.#maxBytes) {
      throw this.#tooLong();
    }
    return line;
  }
}
