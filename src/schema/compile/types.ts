/** Messages as far as their values must be encoded: those of descriptor.proto, and those of options. */
import {
  type EnumNode,
  type FieldNode,
  type FileNode,
  LABEL,
  type MessageNode,
  TYPE,
} from './nodes.ts';
import { plainWord } from './statement.ts';
import { join, type Symbol } from './symbols.ts';

export interface FieldType {
  readonly name: string;
  readonly number: number;
  /** By the name of the language: `int32`, `string`, `message`, `enum`. */
  readonly kind: string;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Of a message: between two tags, as groups are. */
  readonly delimited: boolean;
  /** descriptor.proto, `OptionRetention`: not there at run time. */
  readonly sourceOnly: boolean;
  /** Of a message. */
  message(): MessageType;
  /** Of an enum. */
  enumeration(): EnumNode;
}

export interface MessageType {
  readonly fullName: string;
  readonly fields: ReadonlyMap<string, FieldType>;
  /** Of a map: key and value are always there. */
  readonly mapEntry: boolean;
}

const KINDS = new Map(Object.entries(TYPE).map(([kind, number]) => [number, kind]));
const NEVER_PACKED = new Set(['string', 'bytes', 'message', 'group']);

/** What a field refers to; its file is linked. */
export type Refer = (field: FieldNode, file: FileNode) => Symbol | undefined;

export class Types {
  readonly #refer: Refer;
  readonly #messages = new Map<MessageNode, MessageType>();
  readonly #fields = new Map<FieldNode, FieldType>();

  constructor(refer: Refer) {
    this.#refer = refer;
  }

  message(symbol: Symbol & { readonly kind: 'message' }): MessageType {
    const { node, file, fullName } = symbol;
    let type = this.#messages.get(node);
    if (type === undefined) {
      const fields = node.field.map((field) => [field.name, this.field(field, file)] as const);
      type = { fullName, fields: new Map(fields), mapEntry: node.mapEntry === true };
      this.#messages.set(node, type);
    }
    return type;
  }

  field(node: FieldNode, file: FileNode): FieldType {
    let type = this.#fields.get(node);
    if (type === undefined) this.#fields.set(node, (type = this.#newField(node, file)));
    return type;
  }

  #newField(node: FieldNode, file: FileNode): FieldType {
    const target = this.#refer(node, file);
    const kind = KINDS.get(node.type ?? 0) ?? '';
    const repeated = node.label === LABEL.repeated;
    const wrong = (): never => {
      throw new Error(`${join(file.package ?? '', node.name)} is a ${kind}`);
    };
    return {
      name: node.name,
      number: node.number,
      kind: kind === 'group' ? 'message' : kind,
      repeated,
      packed: repeated && !NEVER_PACKED.has(kind) && isPacked(node, file),
      delimited: kind === 'group' || featureOf(node, file, 'message_encoding') === 'DELIMITED',
      sourceOnly: plainWord(node.statements ?? [], 'retention') === 'RETENTION_SOURCE',
      message: () => (target?.kind === 'message' ? this.message(target) : wrong()),
      enumeration: () => (target?.kind === 'enum' ? target.node : wrong()),
    };
  }
}

function isPacked(node: FieldNode, file: FileNode): boolean {
  const written = plainWord(node.statements ?? [], 'packed');
  if (written !== undefined) return written === 'true';
  if (file.syntax === 'editions') {
    return featureOf(node, file, 'repeated_field_encoding') !== 'EXPANDED';
  }
  return file.syntax === 'proto3';
}

/** Of the field, or of its file. */
function featureOf(node: FieldNode, file: FileNode, feature: string): string | undefined {
  return (
    plainWord(node.statements ?? [], 'features', feature) ??
    plainWord(file.statements ?? [], 'features', feature)
  );
}
