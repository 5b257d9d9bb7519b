/** What the sections of an answer say, read once and kept with them, since the answers of a service mostly begin and end with the same bytes. */
import type { Metadata } from '../../call/metadata.ts';
import type { Status } from '../../call/status.ts';
import type { FieldSection } from '../../call/transport.ts';
import type { Compression } from '../../compression/compression.ts';
import { compressionOf } from '../../compression/content-coding.ts';
import { fromHeaders } from '../../rpc/metadata.ts';
import { statusFrom, statusOfHttp } from './status.ts';

const PROTO_TYPE = /^application\/grpc(?:\+proto)?\s*(?:;|$)/;

/** The head of an answer that goes on; what is shared here is not to be written to. */
export class ResponseHead {
  /** The end of the call, where the head alone says that there will be no answer of gRPC. */
  readonly status: Status | null;
  /** The end of the call where nothing follows the head; null where it has none. */
  readonly lastStatus: Status | null;
  /** What is wrong with it. */
  readonly fault: string | null;
  readonly metadata: Metadata | null;
  readonly compression: Compression | null;

  constructor(fields: readonly string[]) {
    const http = Number(fields[1]);
    const status = statusFrom(fields);
    const type = valueOf(fields, 'content-type') ?? 'application/grpc';
    const foreign = http !== 200 || !type.startsWith('application/grpc');
    this.lastStatus = status ?? (foreign ? statusOfHttp(http, type, fields) : null);
    this.status = foreign ? this.lastStatus : null;
    const encoding = valueOf(fields, 'grpc-encoding') ?? 'identity';
    this.compression = compressionOf(encoding) ?? null;
    this.fault = this.#faultOf(type, encoding);
    this.metadata = fromHeaders(fields);
  }

  #faultOf(type: string, encoding: string): string | null {
    if (!PROTO_TYPE.test(type)) return `answers with ${type}, and requests are proto`;
    if (this.compression !== null || encoding === 'identity') return null;
    return 'compresses with what it was not offered (grpc-encoding)';
  }
}

export class ResponseTrailers {
  /** Null where they say none. */
  readonly status: Status | null;

  constructor(fields: readonly string[]) {
    this.status = statusFrom(fields) ?? null;
  }
}

export function readHead(section: FieldSection): ResponseHead {
  if (section.reading instanceof ResponseHead) return section.reading;
  const head = new ResponseHead(section.fields);
  section.reading = head;
  return head;
}

export function readTrailers(section: FieldSection): ResponseTrailers {
  if (section.reading instanceof ResponseTrailers) return section.reading;
  const trailers = new ResponseTrailers(section.fields);
  section.reading = trailers;
  return trailers;
}

function valueOf(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
  return undefined;
}
