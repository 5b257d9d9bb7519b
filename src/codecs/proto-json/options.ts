/** How messages look in JSON, beyond what ProtoJSON fixes. Names as in the configuration. */
import type { MessageLayout } from './layout.ts';

/** What the configuration chooses. */
export interface JsonStyle {
  /** Fields without presence also when they have their default. */
  readonly emitDefaults: boolean;
  readonly enumsAsNumbers: boolean;
  /** `page_size` instead of `pageSize`. */
  readonly protoNames: boolean;
  /** `number` is lossless in the text; whether a client can read it is the client's business. */
  readonly int64: 'string' | 'number';
}

export interface JsonOptions extends JsonStyle {
  /** Finds the message of an Any by its type URL. */
  readonly anyLayout: (typeUrl: string) => MessageLayout | undefined;
}
