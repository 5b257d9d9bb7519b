/** Written options as the bytes of an options message. Source: descriptor.proto, `UninterpretedOption`. */
import { CompileError } from './compile-error.ts';
import { encode, type FieldValue, newValue, type SingleValue, type Value } from './encode.ts';
import type { Statement, TextField, TextValue } from './statement.ts';
import { integerOf } from './tokens.ts';
import type { FieldType, MessageType } from './types.ts';

/** What names mean where the options stand. */
export interface OptionScope {
  readonly file: string;
  /** An extension, by a name that is written inside `scope`, or where the options stand. */
  extension(name: string, scope?: string): FieldType | undefined;
  /** The type in an expanded google.protobuf.Any. */
  message(fullName: string): MessageType | undefined;
  /** Whether an extension that nobody declares is passed over: an import of the file is missing. */
  readonly lenient: boolean;
}

/** Throws a {@link CompileError} where an option does not exist or cannot have its value. */
export function interpret(
  statements: readonly Statement[],
  type: MessageType,
  scope: OptionScope,
): Uint8Array {
  const options = newValue(type);
  for (const statement of statements)
    new Interpreter(scope, statement.offset).set(options, statement);
  return encode(options);
}

const FLOATS = new Set(['float', 'double']);
const TRUE = new Set(['true', 'True', 't', '1']);
const FALSE = new Set(['false', 'False', 'f', '0']);

/** Of one statement. */
class Interpreter {
  readonly #scope: OptionScope;
  readonly #offset: number;

  constructor(scope: OptionScope, offset: number) {
    this.#scope = scope;
    this.#offset = offset;
  }

  set(options: Value, { path, value }: Pick<Statement, 'path' | 'value'>): void {
    const [part, ...rest] = path;
    if (part === undefined) return;
    const { name, extension } = part;
    const field = extension ? this.#scope.extension(name) : options.type.fields.get(name);
    if (field === undefined) {
      if (extension && this.#scope.lenient) return;
      throw this.#wrong(`${options.type.fullName} has no ${extension ? `(${name})` : name}`);
    }
    if (field.sourceOnly) return;
    if (rest.length === 0) put(options, field, this.#valueOf(field, value));
    else this.#setInside(options, field, { path: rest, value });
  }

  /** Statements about parts of one message are put together. */
  #setInside(options: Value, field: FieldType, rest: Pick<Statement, 'path' | 'value'>): void {
    if (field.kind !== 'message' || field.repeated) throw this.#wrong(`${field.name} has no parts`);
    const known = options.fields.get(field) as Value | undefined;
    const inner = known ?? newValue(field.message());
    this.set(inner, rest);
    if (known === undefined) put(options, field, inner);
  }

  #valueOf(field: FieldType, value: TextValue): FieldValue {
    if (value.kind !== 'list') return this.#single(field, value);
    if (!field.repeated) throw this.#wrong(`${field.name} takes one value`);
    return value.values.map((one) => this.#single(field, one));
  }

  #single(field: FieldType, value: TextValue): SingleValue {
    if (field.kind === 'message') return this.#message(field, value);
    if (field.kind === 'string' || field.kind === 'bytes') {
      if (value.kind !== 'string') throw this.#wrong(`${field.name} takes a string`);
      return value.bytes;
    }
    if (value.kind !== 'word') throw this.#wrong(`${field.name} takes one ${field.kind}`);
    if (field.kind === 'enum') return this.#enumValue(field, value);
    if (field.kind === 'bool') {
      if (TRUE.has(value.text)) return true;
      if (FALSE.has(value.text)) return false;
      throw this.#wrong(`${field.name} takes true or false`);
    }
    if (FLOATS.has(field.kind)) return this.#float(field, value);
    if (!/^\d\w*$/.test(value.text)) throw this.#wrong(`${field.name} takes an integer`);
    return signed(integerOf(value.text), value.negative);
  }

  #float({ name }: FieldType, value: TextValue & { readonly kind: 'word' }): number {
    const text = value.text.toLowerCase();
    const sign = value.negative ? -1 : 1;
    if (text === 'nan') return NaN;
    if (text === 'inf' || text === 'infinity') return sign * Infinity;
    const number = Number(text.startsWith('0x') ? text : text.replace(/f$/, ''));
    if (Number.isNaN(number)) throw this.#wrong(`${name} takes a number`);
    return sign * number;
  }

  #enumValue(field: FieldType, { text, negative }: TextValue & { readonly kind: 'word' }): bigint {
    if (/^\d/.test(text)) return signed(integerOf(text), negative);
    const value = field.enumeration().value.find(({ name }) => name === text);
    if (value === undefined) throw this.#wrong(`${field.name} has no value ${text}`);
    return BigInt(value.number);
  }

  #message(field: FieldType, value: TextValue): Value {
    if (value.kind !== 'message') throw this.#wrong(`${field.name} takes a message`);
    return this.#fill(field.message(), value.fields);
  }

  #fill(type: MessageType, written: readonly TextField[]): Value {
    const message = newValue(type);
    for (const one of written) {
      if (one.kind === 'any') this.#fillAny(message, one);
      else {
        const field = this.#fieldOf(type, one);
        if (field === undefined || field.sourceOnly) continue;
        put(message, field, this.#valueOf(field, one.value));
      }
    }
    if (type.mapEntry) {
      for (const field of type.fields.values()) {
        if (!message.fields.has(field)) put(message, field, emptyOf(field));
      }
    }
    return message;
  }

  /** Undefined where it is passed over. A group goes by the name of its message. */
  #fieldOf(type: MessageType, { kind, name }: TextField): FieldType | undefined {
    const scope = this.#scope;
    const found =
      kind === 'extension'
        ? scope.extension(name, type.fullName)
        : (type.fields.get(name) ?? type.fields.get(name.toLowerCase()));
    if (found === undefined && !(kind === 'extension' && scope.lenient)) {
      throw this.#wrong(`${type.fullName} has no ${name}`);
    }
    return found;
  }

  #fillAny({ type, fields }: Value, { name, value }: TextField): void {
    const inner = this.#scope.message(name.slice(name.lastIndexOf('/') + 1));
    const url = type.fields.get('type_url');
    const bytes = type.fields.get('value');
    if (
      inner === undefined ||
      url === undefined ||
      bytes === undefined ||
      value.kind !== 'message'
    ) {
      throw this.#wrong(`${type.fullName} cannot hold ${name}`);
    }
    fields.set(url, Buffer.from(name));
    fields.set(bytes, encode(this.#fill(inner, value.fields)));
  }

  #wrong(message: string): CompileError {
    return new CompileError(message, this.#scope.file, this.#offset);
  }
}

function emptyOf(field: FieldType): SingleValue {
  switch (field.kind) {
    case 'message':
      return newValue(field.message());
    case 'enum':
      return BigInt(field.enumeration().value[0]?.number ?? 0);
    case 'string':
    case 'bytes':
      return new Uint8Array();
    case 'bool':
      return false;
    default:
      return 0n;
  }
}

function put({ fields }: Value, field: FieldType, value: FieldValue): void {
  const known = fields.get(field);
  if (!field.repeated) fields.set(field, value);
  else fields.set(field, [...(Array.isArray(known) ? known : []), ...[value].flat()]);
}

function signed(value: bigint, negative: boolean): bigint {
  return negative ? -value : value;
}
