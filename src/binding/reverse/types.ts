/**
 * The contract between an http rule and a service that runs as plain REST: the reverse of a {@link Binding}. One per method, compiled when
 * a generation is built, turns messages into requests and JSON answers into messages.
 */

/** One request as the rule says; the first or only message of a call. */
export interface HttpTarget {
  /** Path and query in origin form, percent-encoded. */
  readonly target: string;
  /** Null where the rule has no body, or its field is not set. */
  readonly body: Uint8Array | null;
  /** Of the body; empty where a google.api.HttpBody names none. */
  readonly contentType: string;
}

export interface ReverseBinding {
  readonly verb: string;
  readonly requestBody: 'none' | 'json' | 'raw';
  readonly responseBody: 'json' | 'raw';
  /** Whether the JSON of an answer may have a member of that name: only where it may not, the name is a wrapper of the stream. */
  hasMember(name: string): boolean;
  /** Throws PG_INVALID_VALUE where the rule has no place for what the message holds. */
  request(message: Uint8Array): HttpTarget;
  /** A later message of a client stream: the whole of its body, since path and query belong to the first. Throws PG_INVALID_VALUE. */
  next(message: Uint8Array): Uint8Array;
  /** The message of a JSON answer, `response_body` applied; no bytes are an empty message. Throws PG_RESPONSE_UNREADABLE. */
  message(json: Uint8Array): Uint8Array;
  /** The message of an answer that is a google.api.HttpBody, `response_body` applied. */
  rawMessage(contentType: string, data: Uint8Array): Uint8Array;
}
