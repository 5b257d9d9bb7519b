/** FileDescriptorProtos, from a set or from reflection, into one root. Their order and duplicates do not matter. */
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import type {
  IDescriptorContext,
  IDescriptorProto,
  IFieldDescriptorProto,
  IFileDescriptorProto,
} from 'protobufjs/ext/descriptor.js';
import { addBundled, bundledProto } from './bundled.ts';
import { declarationsOf, newRoot } from './collected.ts';
import type { Annotation, Collected, Place } from './collected.ts';
import { checkFile, newBudget, spend } from './descriptor-check.ts';
import type { DeclarationBudget } from './descriptor-check.ts';
import type { SchemaProblem } from './error.ts';
import { MAX_PROBLEMS, reasonOf, SchemaError } from './error.ts';
import {
  enumOf,
  extensionOf,
  plainOptions,
  rawOptionsOf,
  serviceOf,
  typeOf,
} from './descriptor-options.ts';
import { descriptorFiles } from './files.ts';
import { annotationOfUnknowns } from './http-option.ts';
import { readMessage } from './read-message.ts';
import type { ReadMessage } from './read-message.ts';

/** One file of a set, decoded, its unknown fields kept: options that are extensions are among them. */
export interface DescriptorFile {
  readonly name: string;
  readonly imports: readonly string[];
  readonly proto: IFileDescriptorProto;
  /** As it came. */
  readonly bytes: Uint8Array;
}

/** Decodes one FileDescriptorProto; throws an Error where the bytes are none. */
export function decodeFile(bytes: Uint8Array): DescriptorFile {
  const proto = readMessage(descriptor.FileDescriptorProto, bytes) as IFileDescriptorProto;
  if (proto.name === undefined || proto.name === '')
    throw new Error('a file descriptor without a name');
  const imports = Array.isArray(proto.dependency) ? proto.dependency.map(String) : [];
  return { name: proto.name, imports, proto, bytes };
}

export interface DescriptorSource {
  /** For messages: the path of the set, or the address of the server. */
  readonly origin: string;
  readonly files: ReadonlyMap<string, DescriptorFile>;
  /** Where missing imports were looked for. */
  readonly searched: string;
  readonly warnings: readonly string[];
  /** How much the files may declare together. */
  readonly maxDeclarations: number;
  exposes(service: string, file: string): boolean;
}

/** Adds every file to a root. An import that is not among them is taken from the bundled protos, or noted as missing. */
export function collectDescriptors(source: DescriptorSource): Collected {
  const { files, origin } = source;
  const present = new Set(files.keys());
  const collected: Collected = {
    root: newRoot(),
    annotations: new Map<string, Annotation>(),
    missing: [],
    exposes: (service, file) => source.exposes(service, file),
    locate: (file) => ({ file: file === '' ? origin : `${origin}: ${file}` }),
    searched: source.searched,
    files: descriptorFiles(new Map([...files].map(([name, { bytes }]) => [name, bytes])), present),
    problems: [],
    warnings: [...source.warnings],
  };
  for (const file of files.values()) {
    for (const name of file.imports) addImport(collected, { importer: file.name, name, present });
  }
  const adder = new FileAdder(collected, newBudget(source.maxDeclarations));
  for (const file of files.values()) adder.add(file);
  if (collected.problems.length === 0) adder.addExtensions();
  return collected;
}

interface Import {
  readonly importer: string;
  readonly name: string;
  readonly present: Set<string>;
}

function addImport(collected: Collected, { importer, name, present }: Import): void {
  if (present.has(name)) return;
  if (bundledProto(name) === undefined) {
    collected.missing.push({ importer, name, place: collected.locate(importer, '') });
    return;
  }
  addBundled(collected.root, [name], present);
}

interface PendingExtension {
  readonly scope: protobuf.NamespaceBase;
  readonly field: IFieldDescriptorProto;
  readonly context: IDescriptorContext;
  readonly file: string;
}

class FileAdder {
  readonly #collected: Collected;
  readonly #budget: DeclarationBudget;
  readonly #extensions: PendingExtension[] = [];

  constructor(collected: Collected, budget: DeclarationBudget) {
    this.#collected = collected;
    this.#budget = budget;
  }

  add(file: DescriptorFile): void {
    try {
      checkFile(file.proto, this.#budget);
      this.#addChecked(file);
    } catch (thrown) {
      this.#problem(file.name, thrown);
    }
  }

  /**
   * Extensions join after every message is there: protobufjs keeps one whose message is still to come on a list that it walks for each
   * message added, and searches every scope for one that never comes.
   */
  addExtensions(): void {
    const { types } = declarationsOf(this.#collected.root);
    for (const { scope, field, context, file } of this.#extensions) {
      try {
        const extendee = (field.extendee ?? '').replace(/^\./, '');
        if (!types.has(extendee)) {
          throw new Error(`extension ${field.name} refers to ${extendee}, which no file declares`);
        }
        const extension = extensionOf(field, context);
        extension.filename = file;
        scope.add(extension);
      } catch (thrown) {
        this.#problem(file, thrown);
      }
    }
  }

  #addChecked({ name: file, proto }: DescriptorFile): void {
    const { root } = this.#collected;
    const packageName = proto.package ?? '';
    const namespace = packageName === '' ? root : root.define(packageName);
    const context = contextOf(proto);
    for (const message of proto.messageType ?? []) {
      const extensions = takeExtensions(message);
      const type = typeOf(message, context);
      type.filename = file;
      namespace.add(type);
      for (const [path, fields] of extensions)
        this.#defer(resolvePath(type, path), fields, { context, file });
    }
    for (const enumeration of proto.enumType ?? []) {
      const type = enumOf(enumeration, context);
      type.filename = file;
      namespace.add(type);
    }
    for (const descriptorOfService of proto.service ?? []) {
      const service = serviceOf(descriptorOfService, context);
      service.filename = file;
      namespace.add(service);
      const fullName = packageName === '' ? service.name : `${packageName}.${service.name}`;
      for (const method of descriptorOfService.method ?? []) {
        this.#annotate(`${fullName}.${method.name ?? ''}`, rawOptionsOf(method), file);
      }
    }
    this.#defer(namespace, proto.extension ?? [], { context, file });
  }

  #defer(
    scope: protobuf.NamespaceBase,
    fields: readonly IFieldDescriptorProto[],
    { context, file }: { context: IDescriptorContext; file: string },
  ): void {
    for (const field of fields) {
      if (field.type === GROUP) markGroup(scope, field.typeName ?? '');
      this.#extensions.push({ scope, field, context, file });
    }
  }

  #annotate(method: string, options: ReadMessage | undefined, file: string): void {
    try {
      const rule = annotationOfUnknowns(options?.$unknowns);
      if (rule === undefined) return;
      const additional = rule['additional_bindings'];
      spend(this.#budget, 1 + (Array.isArray(additional) ? additional.length : 0));
      const place = (): Place => this.#collected.locate(file, method);
      this.#collected.annotations.set(method, { rule, file, place });
    } catch (thrown) {
      this.#problem(
        file,
        new Error(`the http rule of ${method} cannot be read: ${reasonOf(thrown)}`),
      );
    }
  }

  #problem(file: string, thrown: unknown): void {
    const problem: SchemaProblem = {
      message: reasonOf(thrown),
      ...this.#collected.locate(file, ''),
    };
    this.#collected.problems.push(problem);
    // A stranger's files could all be wrong: some of them say enough.
    if (this.#collected.problems.length >= MAX_PROBLEMS)
      throw new SchemaError(this.#collected.problems);
  }
}

/** FieldDescriptorProto.Type.TYPE_GROUP. */
const GROUP = 10;

type NestedExtensions = [path: readonly string[], fields: readonly IFieldDescriptorProto[]];

/** Removes the extensions that are declared inside a message, at any depth, and returns them with their place below it. */
function takeExtensions(
  message: IDescriptorProto,
  path: readonly string[] = [],
): NestedExtensions[] {
  const taken: NestedExtensions[] = [];
  if (message.extension !== undefined && message.extension.length > 0) {
    taken.push([path, message.extension]);
    message.extension = [];
  }
  for (const nested of message.nestedType ?? []) {
    taken.push(...takeExtensions(nested, [...path, nested.name ?? '']));
  }
  return taken;
}

function resolvePath(type: protobuf.Type, path: readonly string[]): protobuf.Type {
  let at: protobuf.Type = type;
  for (const name of path) {
    const next = at.get(name);
    if (!(next instanceof protobuf.Type)) throw new Error(`${name} is no message`);
    at = next;
  }
  return at;
}

/** protobufjs reads the group encoding of an extension from a mark on the message that is declared beside it. */
function markGroup(scope: protobuf.NamespaceBase, typeName: string): void {
  const type = scope.get(typeName.slice(typeName.lastIndexOf('.') + 1));
  if (type instanceof protobuf.Type) Object.assign(type, { group: true });
}

/** google.protobuf.Edition. */
const EDITIONS: ReadonlyMap<number, string> = new Map([
  [1000, '2023'],
  [1001, '2024'],
  [1002, '2026'],
]);

/** What messages and enums of a file inherit from it. */
function contextOf(proto: IFileDescriptorProto): IDescriptorContext {
  const features = fileFeatures(proto);
  return {
    edition: editionOf(proto),
    keepCase: true,
    ...(features === undefined ? {} : { features }),
  };
}

function editionOf(proto: IFileDescriptorProto): string {
  if (proto.syntax === 'proto3') return 'proto3';
  if (proto.syntax !== 'editions') return 'proto2';
  const edition = EDITIONS.get(proto.edition ?? 0);
  if (edition === undefined)
    throw new Error(`the edition ${String(proto.edition)} is not supported`);
  return edition;
}

/** The `features` of FileOptions, as protobufjs keeps them. */
function fileFeatures(proto: IFileDescriptorProto): IDescriptorContext['features'] {
  return plainOptions(proto, descriptor.FileOptions)?.['features'] as
    | IDescriptorContext['features']
    | undefined;
}
