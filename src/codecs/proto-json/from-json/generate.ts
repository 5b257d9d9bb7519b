/**
 * Source code for one message type: the members of a JSON object straight to the wire, with the type of every field known.
 *
 * Nothing of a schema is in the source but numbers: names are in the keys that it is given, types in the arrays of enums and readers. A name
 * can therefore not become code, whatever it holds.
 */
import type { EnumLayout, FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';
import type { Keys } from './keys.ts';
import { ENTRY_VALUE, keyType, tagOf, takesNull } from './shapes.ts';

export interface GeneratedReader {
  /** The body of a function with the parameters `P` (primitives), `keys`, `E` (enum readers), `R` (message readers), `K` (map keys). */
  readonly source: string;
  readonly enums: readonly EnumLayout[];
  readonly messages: readonly MessageLayout[];
}

/** Functions that generated code calls by these names. */
export const PRIMITIVE_NAMES = [
  'beginLength',
  'colon',
  'dropKey',
  'endLength',
  'fault',
  'moreElements',
  'moreMembers',
  'newMapKeys',
  'newMet',
  'openList',
  'openObject',
  'putBool',
  'putBytes',
  'putDouble',
  'putEnum',
  'putFixed32',
  'putFixed64',
  'putFloat',
  'putGroup',
  'putInt32',
  'putInt64',
  'putSfixed32',
  'putSfixed64',
  'putSint32',
  'putSint64',
  'putString',
  'putUint32',
  'putUint64',
  'readKey',
  'readNull',
  'readUnknown',
  'writeTag',
] as const;

const WORD_BITS = 31;

export function generateReader(layout: MessageLayout, keys: Keys): GeneratedReader {
  const code = new ReaderCode(layout, keys);
  const cases = layout.fields.map((field) => code.member(field)).join('');
  const bound = [
    ...code.enums.map((_, index) => `e${index}=E[${index}]`),
    ...code.messages.map((_, index) => `r${index}=R[${index}]`),
    ...layout.fields.flatMap(({ shape, index }) =>
      shape === 'map' ? [`k${index}=K[${index}]`] : [],
    ),
  ];
  const marks = Math.ceil((layout.fields.length + layout.oneofs) / WORD_BITS);
  const variables = Array.from({ length: marks }, (_, word) => `,m${word}=0`).join('');
  const source = `"use strict";
const {${PRIMITIVE_NAMES.join(',')}}=P;
${bound.length > 0 ? `const ${bound.join(',')};` : ''}
return function(s,typed){
if(!openObject(s))return;
const json=s.json,out=s.out;
let last=-1,met=null${variables};
do{
last=readKey(s,keys,last);
switch(last){
${cases}default:met??=newMet();readUnknown(s,typed,met);
}
}while(moreMembers(s));
};`;
  return { source, enums: code.enums, messages: code.messages };
}

class ReaderCode {
  readonly enums: EnumLayout[] = [];
  readonly messages: MessageLayout[] = [];
  readonly #layout: MessageLayout;
  readonly #keys: Keys;

  constructor(layout: MessageLayout, keys: Keys) {
    this.#layout = layout;
    this.#keys = keys;
  }

  /** The case of one field, under each of its names. */
  member(field: FieldLayout): string {
    const labels = [...this.#keys.fields.entries()].filter(([, index]) => index === field.index);
    const nothing = takesNull(field) ? '' : 'if(json[s.at]===110){readNull(s);break;}\n';
    return `${labels.map(([id]) => `case ${id}:`).join('')}
${once(field.index)}${nothing}${this.#value(field)}break;
`;
  }

  #value(field: FieldLayout): string {
    switch (field.shape) {
      case 'single':
        return this.#single(field);
      case 'repeated':
        return field.packed ? this.#packed(field) : this.#list(field);
      case 'map':
        return this.#map(field);
    }
  }

  #single(field: FieldLayout): string {
    const put = this.#put(field.value, tagOf(field), field.presence);
    if (field.oneof === -1) return put.statement;
    const given = once(this.#layout.fields.length + field.oneof);
    return put.given === null ? put.statement + given : `if(${put.given}){${given}}\n`;
  }

  #list(field: FieldLayout): string {
    const { statement } = this.#put(field.value, tagOf(field), true);
    return `if(openList(s))do{${statement}}while(moreElements(s));\n`;
  }

  #packed(field: FieldLayout): string {
    const { statement } = this.#put(field.value, 0, true);
    return `if(openList(s)){const before=out.pos;writeTag(out,${tagOf(field)});const start=beginLength(out);
do{${statement}}while(moreElements(s));
if(out.pos===start)out.pos=before;else endLength(out,start);}
`;
  }

  #map(field: FieldLayout): string {
    keyType(field);
    const put = this.#put(field.value, ENTRY_VALUE + field.value.wire, true);
    const end = 'endLength(out,start);';
    const value =
      put.given === null
        ? put.statement + end
        : `if(${put.given}){${end}}else{out.pos=before;dropKey(known);}`;
    return `if(openObject(s)){const known=newMapKeys();
do{const before=out.pos;writeTag(out,${tagOf(field)});const start=beginLength(out);
k${field.index}(s,known);colon(s);${value}
}while(moreMembers(s));}
`;
  }

  /** A statement, and an expression of whether there was a value where that is not certain. */
  #put(
    value: ValueLayout,
    tag: number,
    keep: boolean,
  ): { statement: string; given: string | null } {
    if (value.enum !== null) {
      const given = `putEnum(s,${tag},${keep},e${place(this.enums, value.enum)})`;
      return { statement: `${given};\n`, given };
    }
    if (value.message === null) {
      const name = value.kind.charAt(0).toUpperCase() + value.kind.slice(1);
      return { statement: `put${name}(s,${tag},${keep});\n`, given: null };
    }
    const reader = `r${place(this.messages, value.message)}`;
    const statement =
      value.kind === 'group'
        ? `putGroup(s,${tag},${reader});\n`
        : // Not a function of its own: here every call has but one target, so that it can be inlined.
          `{writeTag(out,${tag});const from=beginLength(out);${reader}.read(s,false);endLength(out,from);}\n`;
    return { statement, given: null };
  }
}

/** Refuses what was marked before, and marks it. */
function once(index: number): string {
  const word = `m${Math.floor(index / WORD_BITS)}`;
  const bit = 2 ** (index % WORD_BITS);
  return `if((${word}&${bit})!==0)fault(s);${word}|=${bit};\n`;
}

/** Where an item is in a list, at its end if it was not yet. */
function place<Item>(list: Item[], item: Item): number {
  const found = list.indexOf(item);
  return found === -1 ? list.push(item) - 1 : found;
}
