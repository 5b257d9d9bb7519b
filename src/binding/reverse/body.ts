/** The body of a request as its rule says: nothing, the message without what stands in its path, one field, or bytes that are no JSON. */
import { decodeHttpBody } from '../../codecs/http-body.ts';
import { type EncodeJson, jsonEncoder, PLAIN, unreadableRequest } from '../../codecs/json.ts';
import { layoutOf, type MessageLayout } from '../../codecs/proto-json/layout.ts';
import type { MessageMask } from '../../codecs/proto-json/to-json/mask.ts';
import type { Plan } from '../plan.ts';
import type { MessageView } from './view.ts';

export interface WrittenBody {
  readonly body: Uint8Array | null;
  readonly contentType: string;
}

const JSON_TYPE = 'application/json';
const NO_BODY: WrittenBody = Object.freeze({ body: null, contentType: '' });

export class BodyWriter {
  readonly #plan: Plan;
  readonly #encode: EncodeJson;
  /** All but what stands in the path; undefined where nothing does. */
  readonly #mask: MessageMask | undefined;

  constructor(plan: Plan) {
    const { body, input, schema, variables } = plan;
    this.#plan = plan;
    const field = body.kind === 'field' ? body.field : undefined;
    this.#encode = jsonEncoder(input, { schema, style: PLAIN, field, refuse: unreadableRequest });
    const left = variables.map(({ parents, leaf }) =>
      [...parents, leaf].map((step) => step.field.number),
    );
    // One field is sent as it is, also where the path repeats a part of it: the rule names the field, not what is left of it.
    this.#mask =
      body.kind === 'whole' && left.length > 0 ? without(layoutOf(input), left) : undefined;
  }

  /** The body of the first or only message. */
  first(message: MessageView): WrittenBody {
    const { body, input } = this.#plan;
    if (body.kind === 'none') return NO_BODY;
    const field = body.kind === 'field' ? body.field : undefined;
    if (body.raw) {
      const { contentType, data } = decodeHttpBody(
        input,
        message.bytes,
        field?.number,
        unreadableRequest,
      );
      return { body: data, contentType };
    }
    if (field !== undefined) {
      const layout = message.layout.byNumber.get(field.number);
      // Null is no value of most types; no body is none of any.
      if (layout?.presence === true && message.places(layout) === undefined) return NO_BODY;
    }
    return { body: this.#encode(message.bytes, this.#mask), contentType: JSON_TYPE };
  }

  /** The body of a later message. */
  next(message: Uint8Array): Uint8Array {
    const { body, input } = this.#plan;
    if (body.kind !== 'none' && body.raw) {
      const number = body.kind === 'field' ? body.field.number : undefined;
      return decodeHttpBody(input, message, number, unreadableRequest).data;
    }
    return this.#encode(message);
  }
}

/** A mask of all fields but those that the paths of numbers lead to. */
function without(layout: MessageLayout, paths: readonly (readonly number[])[]): MessageMask {
  const parts = layout.fields.flatMap((field): MessageMask['parts'][number][] => {
    const inside = paths.filter(([first]) => first === field.number).map((path) => path.slice(1));
    if (inside.length === 0) return [{ field, mask: null }];
    const { message } = field.value;
    if (message === null || inside.some((path) => path.length === 0)) return [];
    return [{ field, mask: without(message, inside) }];
  });
  return { kind: 'message', parts };
}
