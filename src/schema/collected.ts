/** What every loader collects before the model is built: protobufjs types in one root, and what protobufjs does not keep. */
import protobuf from 'protobufjs';
import type { SchemaProblem } from './error.ts';
import type { SchemaFiles } from './model.ts';

/** A position in a file that an operator can open. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The google.api.http option of one method, still unchecked. */
export interface Annotation {
  /** A google.api.HttpRule as an object with the names of http.proto (or their JSON names). */
  readonly rule: unknown;
  /** The import name of the file that holds it. */
  readonly file: string;
  /** Looked up only for a message: finding a line costs a scan of the file. */
  place(): Place;
}

export interface MissingImport {
  readonly importer: string;
  readonly name: string;
  readonly place: Place;
}

export interface Collected {
  readonly root: protobuf.Root;
  /** By the full name of the method. */
  readonly annotations: Map<string, Annotation>;
  readonly missing: MissingImport[];
  /** Whether a service is served, by its full name and the name of its file. */
  exposes(service: string, file: string): boolean;
  /** Where a declaration stands, as near as the source tells. */
  locate(file: string, declaration: string): Place;
  /** Where the missing imports were looked for, for the message. */
  readonly searched: string;
  /** For whoever describes the schema to others. */
  readonly files: SchemaFiles;
  readonly problems: SchemaProblem[];
  readonly warnings: string[];
}

/** As protoc: ASCII letters, digits and underscores. */
export const IDENTIFIER: RegExp = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** More components than this are no real package; protobufjs stops there as well. */
const MAX_PACKAGE_DEPTH = 100;

/**
 * An empty root. protobufjs's `define` looks packages up with `in`-like semantics, so that a package component named `constructor`
 * finds Object's; this one asks for own names only.
 */
export function newRoot(): protobuf.Root {
  const root = new protobuf.Root();
  root.define = (path) => defineNamespace(root, typeof path === 'string' ? path.split('.') : path);
  return root;
}

function defineNamespace(root: protobuf.Root, path: readonly string[]): protobuf.Namespace {
  if (path.length > MAX_PACKAGE_DEPTH) throw new Error('the package has too many components');
  let namespace: protobuf.NamespaceBase = root;
  for (const component of path) {
    if (component === '__proto__') throw new Error('a package component cannot be named __proto__');
    let next = namespace.get(component);
    if (next === null) {
      next = new protobuf.Namespace(component);
      namespace.add(next);
    }
    if (!(next instanceof protobuf.Namespace)) {
      throw new Error(`the package ${path.join('.')} has the name of ${String(next)}`);
    }
    namespace = next;
  }
  return namespace;
}

/** The full name without the leading dot. */
export function fullNameOf(object: protobuf.ReflectionObject): string {
  return object.fullName.startsWith('.') ? object.fullName.slice(1) : object.fullName;
}

/** The name of the file that declares an object; empty where protobufjs lost it. */
export function fileOf(object: protobuf.ReflectionObject): string {
  for (let at: protobuf.ReflectionObject | null = object; at !== null; at = at.parent) {
    if (at.filename !== null && at.filename !== undefined) return at.filename;
  }
  return '';
}

export interface Declarations {
  readonly types: ReadonlyMap<string, protobuf.Type>;
  readonly enums: ReadonlyMap<string, protobuf.Enum>;
  readonly services: ReadonlyMap<string, protobuf.Service>;
  /** Fields declared by `extend`, at the place of the `extend`. */
  readonly extensions: readonly protobuf.Field[];
}

/** Everything that is declared below a root, by full name, in the order of declaration. */
export function declarationsOf(root: protobuf.Root): Declarations {
  const types = new Map<string, protobuf.Type>();
  const enums = new Map<string, protobuf.Enum>();
  const services = new Map<string, protobuf.Service>();
  const extensions: protobuf.Field[] = [];
  const visit = (namespace: protobuf.NamespaceBase, prefix: string): void => {
    for (const object of namespace.nestedArray) {
      const name = prefix + object.name;
      if (object instanceof protobuf.Enum) enums.set(name, object);
      else if (object instanceof protobuf.Field) extensions.push(object);
      else if (object instanceof protobuf.Service) services.set(name, object);
      else if (object instanceof protobuf.Namespace) visit(object, `${name}.`);
      if (object instanceof protobuf.Type) types.set(name, object);
    }
  };
  visit(root, '');
  return { types, enums, services, extensions };
}
