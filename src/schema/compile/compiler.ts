/** `.proto` files as FileDescriptorProtos, byte for byte what protoc writes: with every option, extensions among them, without comments. */
import { CompileError } from './compile-error.ts';
import { encode, type FieldValue, newValue, type SingleValue } from './encode.ts';
import { eachNode } from './each-node.ts';
import { interpret, type OptionScope } from './interpret.ts';
import {
  type FieldNode,
  type FileNode,
  type MethodNode,
  type Node,
  OPTIONS_OF,
  TYPE,
} from './nodes.ts';
import { parseFile } from './parse-file.ts';
import { type Symbol, Symbols } from './symbols.ts';
import { type MessageType, Types } from './types.ts';

const DESCRIPTOR = 'google/protobuf/descriptor.proto';
/** MessageOptions.map_entry. */
const MAP_ENTRY = Uint8Array.of(7 * 8, 1);

export interface Compiler {
  /**
   * The bytes of the FileDescriptorProto; throws a {@link CompileError} where the file, or one that it imports, cannot be compiled. Imports
   * that are not there are left out, with the options that they would have declared.
   */
  compile(name: string): Uint8Array;
}

/** `read` gives the text of a file by its import name, undefined where there is none. */
export function createCompiler(read: (name: string) => string | undefined): Compiler {
  const run = new Run(read);
  return { compile: (name) => run.compile(name) };
}

class Run {
  readonly #read: (name: string) => string | undefined;
  readonly #files = new Map<string, FileNode | undefined>();
  readonly #symbols = new Symbols();
  readonly #visible = new Map<FileNode, ReadonlySet<string>>();
  /** What linking has thrown; null where it is done. */
  readonly #linked = new Map<FileNode, unknown>();
  /** Files that do not parse, by name. */
  readonly #broken = new Map<string, unknown>();
  readonly #targets = new Map<FieldNode, Symbol>();
  readonly #types = new Types((field, file) => {
    this.#link(file);
    return this.#targets.get(field);
  });
  /** Files that import something that is not there. */
  readonly #incomplete = new Set<FileNode>();

  constructor(read: (name: string) => string | undefined) {
    this.#read = read;
  }

  compile(name: string): Uint8Array {
    for (const wanted of [name, DESCRIPTOR]) this.#load(wanted);
    this.#refuseBroken(name);
    const file = this.#files.get(name);
    if (file === undefined) throw new CompileError('there is no such file', name, 0);
    this.#link(file);
    eachNode(file, (node, type, scope) => {
      const { statements } = node;
      if ('mapEntry' in node) node.options = MAP_ENTRY;
      else if (statements !== null) {
        const options = this.#descriptorType(OPTIONS_OF[type]);
        node.options = interpret(statements, options, this.#scopeIn(file, scope));
        // What is only for compilers leaves nothing behind.
        if (node.options.length === 0 && statements.length > 0) delete node.options;
      }
    });
    return encode(valueOf(file, this.#descriptorType('FileDescriptorProto')));
  }

  /** Parses a file and all that it imports. */
  #load(name: string): void {
    const added: FileNode[] = [];
    const waiting = [name];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (this.#files.has(next)) continue;
      const file = this.#parse(next);
      this.#files.set(next, file);
      if (file === undefined) continue;
      this.#symbols.add(file);
      added.push(file);
      waiting.push(...file.dependency, ...file.option_dependency);
    }
    for (const file of added) this.#dropMissing(file);
  }

  #parse(name: string): FileNode | undefined {
    const text = this.#read(name);
    if (text === undefined) return undefined;
    try {
      return parseFile(name, text);
    } catch (thrown) {
      this.#broken.set(name, thrown);
      return undefined;
    }
  }

  #refuseBroken(name: string): void {
    const closure = new Set([name]);
    // The set grows while it is walked, which Set allows.
    for (const each of closure) {
      if (this.#broken.has(each)) throw this.#broken.get(each);
      for (const imported of this.#files.get(each)?.dependency ?? []) closure.add(imported);
    }
  }

  #dropMissing(file: FileNode): void {
    const missing = new Set(
      file.dependency.filter((name) => !this.#files.get(name) && !this.#broken.has(name)),
    );
    if (missing.size === 0) return;
    this.#incomplete.add(file);
    const named = file.dependency;
    file.dependency = named.filter((name) => !missing.has(name));
    const moved = (indexes: readonly number[]): number[] =>
      indexes.map((at) => file.dependency.indexOf(named[at] ?? '')).filter((at) => at >= 0);
    file.public_dependency = moved(file.public_dependency);
    file.weak_dependency = moved(file.weak_dependency);
  }

  /** The file, what it imports, and what those import publicly. */
  #visibleFrom(file: FileNode): ReadonlySet<string> {
    const known = this.#visible.get(file);
    if (known !== undefined) return known;
    const names = new Set([file.name, ...file.dependency, ...file.option_dependency]);
    // The set grows while it is walked, which Set allows.
    for (const name of names) {
      const imported = name === file.name ? undefined : this.#files.get(name);
      for (const at of imported?.public_dependency ?? []) {
        names.add(imported?.dependency[at] ?? '');
      }
    }
    this.#visible.set(file, names);
    return names;
  }

  /** Makes the names of types absolute; what it throws the first time it throws each time. */
  #link(file: FileNode): void {
    const outcome = this.#linked.get(file);
    if (outcome !== undefined && outcome !== null) throw outcome;
    if (outcome === null) return;
    this.#linked.set(file, null);
    try {
      this.#linkNodes(file);
    } catch (thrown) {
      this.#linked.set(file, thrown);
      throw thrown;
    }
  }

  #linkNodes(file: FileNode): void {
    eachNode(file, (node, type, scope) => {
      if (type === 'FieldDescriptorProto') this.#linkField(node as FieldNode, scope, file);
      if (type !== 'MethodDescriptorProto') return;
      const method = node as MethodNode;
      method.input_type = `.${this.#resolve(method.input_type, { scope, file, node }).fullName}`;
      method.output_type = `.${this.#resolve(method.output_type, { scope, file, node }).fullName}`;
    });
  }

  #linkField(field: FieldNode, scope: string, file: FileNode): void {
    const at = { scope, file, node: field };
    if (field.extendee !== undefined) {
      field.extendee = `.${this.#resolve(field.extendee, at).fullName}`;
    }
    if (field.type_name === undefined) return;
    const target = this.#resolve(field.type_name, at, ['message', 'enum']);
    field.type_name = `.${target.fullName}`;
    field.type ??= TYPE[target.kind] ?? 0;
    this.#targets.set(field, target);
  }

  #resolve(
    name: string,
    { scope, file, node }: { readonly scope: string; readonly file: FileNode; readonly node: Node },
    kinds: readonly Symbol['kind'][] = ['message'],
  ): Symbol {
    const found = this.#symbols.resolve(name, scope, this.#visibleFrom(file), kinds);
    if (found !== undefined) return found;
    throw new CompileError(`${name} is declared nowhere`, file.name, node.offset);
  }

  #descriptorType(name: string): MessageType {
    const symbol = this.#symbols.get(`google.protobuf.${name}`, new Set([DESCRIPTOR]));
    if (symbol?.kind === 'message') return this.#types.message(symbol);
    throw new CompileError(`${name} is not declared`, DESCRIPTOR, 0);
  }

  #scopeIn(file: FileNode, scope: string): OptionScope {
    const visible = this.#visibleFrom(file);
    return {
      file: file.name,
      lenient: this.#incomplete.has(file),
      extension: (name, inside = scope) => {
        const found = this.#symbols.resolve(name, inside, visible, ['extension']);
        return found?.kind === 'extension' ? this.#types.field(found.node, found.file) : undefined;
      },
      message: (fullName) => {
        const found = this.#symbols.get(fullName, visible);
        return found?.kind === 'message' ? this.#types.message(found) : undefined;
      },
    };
  }
}

/** A node as the message of descriptor.proto whose names it has. */
function valueOf(node: object, type: MessageType): ReturnType<typeof newValue> {
  const value = newValue(type);
  for (const [name, field] of type.fields) {
    const held: unknown = Reflect.get(node, name);
    if (held === undefined || (Array.isArray(held) && held.length === 0)) continue;
    const one = (each: unknown): SingleValue => {
      if (typeof each === 'string') return Buffer.from(each);
      if (typeof each === 'number') return BigInt(each);
      if (typeof each === 'boolean' || each instanceof Uint8Array) return each;
      return valueOf(each as object, field.message());
    };
    const set: FieldValue = Array.isArray(held) ? held.map(one) : one(held);
    value.fields.set(field, set);
  }
  return value;
}
