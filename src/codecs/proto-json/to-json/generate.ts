/**
 * Source code for one message type: its fields from the wire straight into the output, in the order in which they come. Where that order
 * cannot be streamed (a repeated run that is resumed, a field or a map key twice) the function returns false and its caller starts over
 * with gather.ts.
 *
 * Nothing of a schema is in the source but numbers: keys are written as bytes, everything else is reached through the arrays `K`, `E`
 * and `H`. A name can therefore not become code, whatever it holds.
 */
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';

/** The options that the code depends on. */
export interface CodeOptions {
  readonly emitDefaults: boolean;
  readonly enumsAsNumbers: boolean;
  readonly protoNames: boolean;
  readonly int64: 'string' | 'number';
}

export interface GeneratedSource {
  /** The body of a function with the parameters `R` (primitives), `E` (enums) and `H` (nested messages). */
  readonly source: string;
  readonly enums: readonly NonNullable<ValueLayout['enum']>[];
  readonly messages: readonly MessageLayout[];
}

/** Bytes that a scalar needs at most when it is written: the longest double, quotes, separators. */
const SCALAR_ROOM = 48;
const WORD_BITS = 30;

export function generateWriter(layout: MessageLayout, options: CodeOptions): GeneratedSource {
  const code = new WriterCode(options);
  const cases = layout.fields.map((field) => code.field(field)).join('');
  const words = Math.ceil(layout.fields.length / WORD_BITS);
  const variables = [
    ...Array.from({ length: words }, (_, i) => `s${i}=0`),
    ...Array.from({ length: layout.oneofs }, (_, i) => `w${i}=0`),
  ];
  const source = `"use strict";
const {varint,cursor,skip,lengthEnd,groupEnd,isRepeatedKey,writeEnum,truncated,badTag}=R,C=R.SCALARS;
return function(b,p,end,to){
const o=to.out;let u=o.buf,q=o.pos,t=0,n=0,e=0,k=0,m=0,v=0,open=-1,closer=0,count=0,keys=null${variables.map((v) => `,${v}`).join('')};
${room(2)}
u[q++]=123;const base=q;
while(p<end){
t=b[p++];
if(t>127){t=varint(b,p-1,end);p=cursor.pos;if(cursor.hi!==0)badTag();}
switch(t){
${cases}default:if(t>>>3===0)badTag();p=skip(t,b,p,end);
}}
if(p!==end)truncated();
if(open>=0){${room(2)}u[q++]=closer;}
${options.emitDefaults ? layout.fields.map((field) => code.absent(field)).join('') : ''}${room(2)}
u[q++]=125;o.pos=q;return true;
}`;
  return { source, enums: code.enums, messages: code.messages };
}

class WriterCode {
  readonly enums: NonNullable<ValueLayout['enum']>[] = [];
  readonly messages: MessageLayout[] = [];
  readonly #options: CodeOptions;

  constructor(options: CodeOptions) {
    this.#options = options;
  }

  field(field: FieldLayout): string {
    if (field.shape === 'map') return this.#map(field);
    return field.shape === 'repeated' ? this.#repeated(field) : this.#single(field);
  }

  /** A field that did not come, where defaults are wanted. */
  absent(field: FieldLayout): string {
    if (field.presence) return '';
    const zero =
      field.shape === 'map' ? '{}' : field.shape === 'repeated' ? '[]' : this.#zero(field.value);
    return `if(!(${seen(field)}&${bit(field)})){${room(this.#keyRoom(field))}${this.#key(field)}${literal(zero)}}\n`;
  }

  #single(field: FieldLayout): string {
    const { value } = field;
    const oneof = field.oneof < 0 ? '' : `if(w${field.oneof}!==0)return false;w${field.oneof}=1;`;
    const once = `if(${seen(field)}&${bit(field)})return false;${seen(field)}|=${bit(field)};${oneof}`;
    const start = `${room(this.#keyRoom(field))}${CLOSE}${this.#key(field)}`;
    const always = field.presence || this.#options.emitDefaults;
    return `case ${tagOf(field.number, value.wire)}:{${once}${this.#value(value, start, { always })}break;}\n`;
  }

  #repeated(field: FieldLayout): string {
    const { value, number } = field;
    const separate = `${room(SCALAR_ROOM)}if(count++>0)u[q++]=44;`;
    const run = this.#run(field, 91, 93);
    const one = `case ${tagOf(number, value.wire)}:{${run}${this.#value(value, separate, {})}break;}\n`;
    if (value.wire === 2 || value.wire === 3) return one;
    const element = this.#value(value, separate, { limit: 'm' });
    return `${one}case ${tagOf(number, 2)}:{m=lengthEnd(b,p,end);p=cursor.pos;if(p===m)break;${run}while(p<m){${element}}if(p!==m)truncated();break;}\n`;
  }

  #map(field: FieldLayout): string {
    const { key, value, number } = field;
    if (key === null) throw new Error(`the map ${field.model.name} has no key type`);
    const quote = key.kind === 'string' ? '' : 'u[q++]=34;';
    const separate = `${room(SCALAR_ROOM)}if(count++>0)u[q++]=44;k=q;${quote}`;
    const colon = `${room(SCALAR_ROOM)}${quote}if(isRepeatedKey(u,keys,k,q))return false;u[q++]=58;`;
    const entry = [
      `if(b[p++]!==${tagOf(1, key.wire)})return false;`,
      // The entry bounds what is in it; a key is quoted already.
      this.#value(key, separate, { limit: 'm', int64: 'number' }),
      colon,
      `if(p>=m||b[p++]!==${tagOf(2, value.wire)})return false;`,
      this.#value(value, '', { limit: 'm' }),
      'if(p!==m)return false;',
    ].join('');
    return `case ${tagOf(number, 2)}:{m=lengthEnd(b,p,end);p=cursor.pos;if(p===m)return false;${this.#run(field, 123, 125, 'keys=[];')}${entry}break;}\n`;
  }

  /** Opens a list or an object, unless it is the one that is open; one that was closed before cannot be opened again. */
  #run(field: FieldLayout, opener: number, closer: number, more = ''): string {
    return `if(open!==${field.index}){if(${seen(field)}&${bit(field)})return false;${seen(field)}|=${bit(field)};${room(this.#keyRoom(field))}${CLOSE}${this.#key(field)}u[q++]=${opener};open=${field.index};closer=${closer};count=0;${more}}`;
  }

  /** Reads one value at `p` and writes it behind `before`; `always` also where it is the default. */
  #value(
    value: ValueLayout,
    before: string,
    { limit = 'end', always = true, int64 }: Reading,
  ): string {
    if (value.message !== null) return this.#message(value, before, limit);
    if (value.kind === 'string' || value.kind === 'bytes') {
      const write = `${before}o.pos=q;C.${value.kind}(o,b,p,e,false);${BACK}`;
      return `${readLength(limit)}${always ? write : `if(n!==0){${write}}`}p=e;`;
    }
    const write = `${before}${this.#number(value, int64 ?? this.#options.int64)}`;
    const kept = always ? write : `if(${IS_SET[value.wire]}){${write}}`;
    return `${readNumber(value.wire, limit)}${kept}p=e;`;
  }

  #message({ message, kind }: ValueLayout, before: string, limit: Limit): string {
    if (message === null) throw new Error('a message field has no type');
    const index = this.messages.push(message) - 1;
    const span =
      kind === 'group'
        ? `n=groupEnd(t,b,p,${limit});v=n.after;e=n.end;`
        : `${readLength(limit)}v=e;`;
    return `${span}${before}o.pos=q;H[${index}].write(b,p,e,to);${BACK}p=v;`;
  }

  /** Writes the number from `p` to `e`. */
  #number(value: ValueLayout, int64: 'string' | 'number'): string {
    if (value.kind === 'bool') {
      return `if(${IS_SET[0]}){${literal('true')}}else{${literal('false')}}`;
    }
    if (value.enum !== null) {
      const index = this.enums.push(value.enum) - 1;
      // An unknown number is no value, not even where one came before: for gather.ts.
      const known = value.enum.model.closed ? `if(!E[${index}].text.has(v))return false;` : '';
      return `v=e-p===1?n:varint(b,p,e)|0;${known}o.pos=q;writeEnum(E[${index}],v,o,to.options);${BACK}`;
    }
    return `o.pos=q;C.${value.kind}(o,b,p,e,${int64 === 'string'});${BACK}`;
  }

  #zero({ kind, enum: names }: ValueLayout): string {
    if (kind === 'string' || kind === 'bytes') return '""';
    if (kind === 'bool') return 'false';
    if (names !== null) {
      const text = this.#options.enumsAsNumbers ? undefined : names.text.get(0);
      return names.isNull ? 'null' : (text?.toString('latin1') ?? '0');
    }
    return kind.endsWith('64') && this.#options.int64 === 'string' ? '"0"' : '0';
  }

  #key(field: FieldLayout): string {
    const key = this.#options.protoNames ? field.protoKey : field.jsonKey;
    return `if(q!==base)u[q++]=44;${store(key)}`;
  }

  #keyRoom(field: FieldLayout): number {
    const key = this.#options.protoNames ? field.protoKey : field.jsonKey;
    return key.length + SCALAR_ROOM;
  }
}

interface Reading {
  readonly limit?: Limit;
  readonly always?: boolean;
  readonly int64?: 'string' | 'number';
}

/** Behind a call that may have moved the output. */
const BACK = 'q=o.pos;u=o.buf;';
const CLOSE = 'if(open>=0){u[q++]=closer;open=-1;}';
/** The variable that bounds a value: the end of the message, or of the packed run or map entry that it stands in. */
type Limit = 'end' | 'm';

/** `e` becomes the end of the length-delimited value that `p` then begins; `n` is its length. */
function readLength(limit: Limit): string {
  return `n=b[p];if(n<128&&p+1+n<=${limit}){p++;e=p+n;}else{e=lengthEnd(b,p,${limit});p=cursor.pos;n=e-p;}`;
}

/** `e` becomes the end of the number at `p`, `n` its first byte. */
function readNumber(wire: number, limit: Limit): string {
  if (wire === 0)
    return `n=b[p];if(n<128&&p<${limit})e=p+1;else{varint(b,p,${limit});e=cursor.pos;}`;
  return `e=p+${wire === 1 ? 8 : 4};if(e>${limit})truncated();`;
}

/** Whether the number from `p` to `e` is not the default. A varint of several bytes may still be a padded zero. */
const IS_SET: Readonly<Record<number, string>> = {
  0: '(e-p===1?n!==0:varint(b,p,e)!==0||cursor.hi!==0)',
  1: '(b[p]|b[p+1]|b[p+2]|b[p+3]|b[p+4]|b[p+5]|b[p+6]|b[p+7])!==0',
  5: '(b[p]|b[p+1]|b[p+2]|b[p+3])!==0',
};

function tagOf(number: number, wire: number): number {
  return ((number << 3) | wire) >>> 0;
}

function seen(field: FieldLayout): string {
  return `s${Math.floor(field.index / WORD_BITS)}`;
}

function bit(field: FieldLayout): number {
  return 1 << (field.index % WORD_BITS);
}

function room(bytes: number): string {
  return `if(q+${bytes}>u.length){o.pos=q;o.ensure(${bytes});u=o.buf;}`;
}

/** Stores byte by byte: for the lengths of keys faster than any copy. */
function store(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  return `${[...bytes].map((byte, i) => `u[q+${i}]=${byte};`).join('')}q+=${bytes.length};`;
}

function literal(text: string): string {
  return store(Buffer.from(text));
}
