/**
 * The contract between an http rule and a protocol: one {@link Binding} per rule, compiled when a generation is built, turns requests into
 * protobuf bytes and responses into JSON. What each rule of google/api/http.proto means here is in docs/transcoding.md.
 */
import type { RawBody } from '../codecs/http-body.ts';
import type { JsonStyle } from '../codecs/proto-json/options.ts';
import type { Mask } from '../codecs/proto-json/to-json/mask.ts';
import type { HttpRule } from '../schema/model.ts';

/** What happens to a field, a parameter or a body that the request message does not know. */
export type Strictness = 'reject' | 'warn' | 'ignore';

export interface BindingSettings {
  readonly strictness: Strictness;
  /** How deep JSON and the names of query parameters may nest. */
  readonly maxDepth: number;
  readonly json: JsonSettings;
}

export interface JsonSettings extends JsonStyle {
  /** Whole answers on several lines. */
  readonly pretty: boolean;
  /** Requests may have names of enums in any case. */
  readonly caseInsensitiveEnums: boolean;
}

/** The first or only message of a call. */
export interface BindInput {
  /** The values of the template's variables in template order, percent-decoded. */
  readonly captures: readonly string[];
  /** The raw query, undecoded and without its `?`. */
  readonly query: string;
  /** Undefined where no body was sent. */
  readonly body: Uint8Array | undefined;
  /** The Content-Type header; only google.api.HttpBody keeps it. */
  readonly contentType: string | undefined;
  /** Whether the verb is PATCH, so that a missing `update_mask` is computed from the body. */
  readonly patch: boolean;
}

/** Where a client says which part of the answer it wants. */
export interface MaskInput {
  /** The raw query, as {@link BindInput.query}. */
  readonly query: string;
  /** The X-Goog-FieldMask header. */
  readonly header: string | undefined;
}

export interface BoundRequest {
  /** The request message in protobuf. */
  readonly bytes: Uint8Array;
  /** What strictness `warn` let pass, as paths; empty under the others. */
  readonly unknown: readonly string[];
}

export interface Binding {
  readonly rule: HttpRule;
  /** `json`: ProtoJSON of the message or of one field; `raw`: google.api.HttpBody, whole or one field. */
  readonly requestBody: 'none' | 'json' | 'raw';
  readonly responseBody: 'json' | 'raw';
  /** The first or only message. Throws a GatewayError. */
  bind(input: BindInput): BoundRequest;
  /** A later message of a client stream: its body only, since path and query belong to the first. Throws a GatewayError. */
  bindNext(body: Uint8Array, contentType: string | undefined): BoundRequest;
  /** The part of the answer that a request asks for, undefined for all of it. Throws a GatewayError PG_INVALID_VALUE. */
  mask(input: MaskInput): Mask | undefined;
  /** One response message as JSON bytes, `response_body` applied. Throws a GatewayError PG_RESPONSE_UNREADABLE. */
  json(bytes: Uint8Array, mask?: Mask): Uint8Array;
  /** One response message as google.api.HttpBody, `response_body` applied. Throws a GatewayError PG_RESPONSE_UNREADABLE. */
  raw(bytes: Uint8Array): RawBody;
}

/** A rule that the schema contradicts: a mistake of the configuration, found when a generation is built. */
export class BindingError extends Error {
  /** Where the rule stands, as {@link HttpRule.origin}. */
  readonly origin: string;

  constructor(rule: HttpRule, message: string) {
    super(`${rule.origin}: ${rule.verb} ${rule.template}: ${message}`);
    this.name = 'BindingError';
    this.origin = rule.origin;
  }
}
