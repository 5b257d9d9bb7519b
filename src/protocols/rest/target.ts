/** What a matched http rule leads to; made when a generation is built. */
import type { EventFields } from '../../binding/event-fields.ts';
import type { Binding } from '../../binding/types.ts';
import type { Route } from '../../call/types.ts';
import type { Schema } from '../../schema/model.ts';
import type { AnswerCompression } from './compressed-answer.ts';
import type { StreamFormat } from './media-type.ts';

export interface RestSettings {
  /** What a stream is sent as where the client has no wish. */
  readonly streamFormat: StreamFormat;
  /** Messages as `{"result": …}`, as grpc-gateway has them. */
  readonly wrapResult: boolean;
  /** Errors on several lines, as whole answers are. */
  readonly prettyErrors: boolean;
  /** How long an event stream may be silent before a comment goes out; Infinity for ever. */
  readonly heartbeatMs: number;
  /** For the body of a single message. */
  readonly maxBodyBytes: number;
  /** For one message of a stream. */
  readonly maxMessageBytes: number;
  /** Null where answers are never compressed. */
  readonly answerCompression: AnswerCompression | null;
  /** Unknown names were let pass under strictness `warn`; for the metric. */
  onUnknown(count: number): void;
}

export interface RestTarget {
  readonly route: Route;
  readonly binding: Binding;
  readonly settings: RestSettings;
  /** What events of the stream say beside their data; undefined where there is nothing. */
  readonly events: EventFields | undefined;
  /** Decodes the details of errors. */
  readonly schema: Schema;
}
