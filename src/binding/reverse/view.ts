/** A protobuf message that is looked into field by field, its nested messages when somebody asks for them. */
import { joinBytes } from '../../lib/protobuf-wire.ts';
import type { FieldLayout, MessageLayout } from '../../codecs/proto-json/layout.ts';
import { gather, type Gathered, type Place } from '../../codecs/proto-json/to-json/gather.ts';

export class MessageView {
  readonly layout: MessageLayout;
  readonly bytes: Uint8Array;
  readonly #gathered: Gathered;

  /** Throws a CodecError where the bytes are no protobuf. */
  constructor(layout: MessageLayout, bytes: Uint8Array) {
    this.layout = layout;
    this.bytes = bytes;
    this.#gathered = gather(layout, bytes, 0, bytes.length);
  }

  /** Every occurrence in the order of the wire; undefined where the field is not set. */
  places(field: FieldLayout): readonly Place[] | undefined {
    return this.#gathered[field.index];
  }

  /** The nested message of a singular field: what occurs more than once is merged, as protobuf has it. */
  child(field: FieldLayout): MessageView | undefined {
    const places = this.places(field);
    const { message } = field.value;
    if (places === undefined || message === null) return undefined;
    const parts = places.map(({ start, end }) => this.bytes.subarray(start, end));
    return new MessageView(message, joinBytes(parts));
  }
}
