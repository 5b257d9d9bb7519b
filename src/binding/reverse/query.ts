/** The query of a request: every field of its message that is neither in the path nor in the body. Source: google/api/http.proto. */
import { eachText, valueText } from '../../codecs/field-text.ts';
import { invalidValue } from '../../codecs/problems.ts';
import type { FieldLayout } from '../../codecs/proto-json/layout.ts';
import { isDefault } from '../../codecs/proto-json/to-json/scalar.ts';
import { specialForm } from '../../codecs/special.ts';
import { escapeText } from './escape.ts';
import type { MessageView } from './view.ts';

/** The fields that stand elsewhere, by their proto names joined with dots. */
export type Elsewhere = ReadonlySet<string>;

/** Throws PG_INVALID_VALUE for what a query has no form for: it must not be lost without a word. */
export function queryOf(message: MessageView, elsewhere: Elsewhere): string {
  const query = new Query(elsewhere);
  query.addFields(message, '', '');
  return query.text;
}

class Query {
  text = '';
  readonly #elsewhere: Elsewhere;

  constructor(elsewhere: Elsewhere) {
    this.#elsewhere = elsewhere;
  }

  /** `id` and `name` lead to the message, by proto and JSON names. */
  addFields(message: MessageView, id: string, name: string): void {
    for (const field of message.layout.fields) {
      const places = message.places(field);
      if (places === undefined) continue;
      const ownId = id === '' ? field.model.name : `${id}.${field.model.name}`;
      if (this.#elsewhere.has(ownId)) continue;
      const ownName = name === '' ? field.model.jsonName : `${name}.${field.model.jsonName}`;
      this.#addField(message, field, ownId, ownName);
    }
  }

  #addField(message: MessageView, field: FieldLayout, id: string, name: string): void {
    const places = message.places(field) ?? [];
    const nested = field.value.message;
    if (field.shape === 'map') throw noPlace(name, 'a map');
    if (nested !== null) {
      const form = specialForm(nested.model);
      const simple = form === 'string' || form === 'wrapper';
      if (!simple && (form !== undefined || field.shape === 'repeated')) {
        throw noPlace(name, form === undefined ? 'a list of messages' : nested.model.fullName);
      }
      if (field.shape === 'single') {
        const child = message.child(field);
        if (child === undefined) return;
        if (simple) {
          const span = { start: 0, end: child.bytes.length };
          this.#add(name, valueText(field.value, child.bytes, span));
        } else {
          this.addFields(child, id, name);
        }
        return;
      }
    }
    if (field.shape === 'repeated') {
      eachText(field, message.bytes, places, (text) => this.#add(name, text));
      return;
    }
    const last = places.at(-1);
    if (last === undefined) return;
    if (!field.presence && isDefault(field.value, message.bytes, last)) return;
    this.#add(name, valueText(field.value, message.bytes, last));
  }

  #add(name: string, value: string): void {
    this.text += `${this.text === '' ? '' : '&'}${escapeText(name)}=${escapeText(value)}`;
  }
}

function noPlace(name: string, what: string): Error {
  return invalidValue(
    name,
    `${what} has no form in the query that the http rule of this method asks for`,
  );
}
