/**
 * Type references made absolute by the scoping rules of the protobuf language, before protobufjs resolves anything: its own lookup also
 * searches nested scopes that a reference cannot see, and costs a scan of them for every name that is not there.
 */
import protobuf from 'protobufjs';
import { nearest } from '../lib/nearest.ts';
import { declarationsOf, fileOf, fullNameOf } from './collected.ts';
import type { Collected, Declarations } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { MAX_PROBLEMS, reasonOf, SchemaError } from './error.ts';

const SCALARS: ReadonlySet<string> = new Set(Object.keys(protobuf.types.basic));

/** Resolves every reference below the root, or throws with all that lead nowhere and the imports that are missing. */
export function resolveReferences(collected: Collected): Declarations {
  const declarations = declarationsOf(collected.root);
  const resolver = new Resolver(collected, declarations);
  for (const [name, type] of declarations.types) {
    for (const field of type.fieldsArray) {
      // What an extension added here is resolved where it was declared.
      if (field.declaringField === null) resolver.field(field, name);
    }
  }
  for (const field of declarations.extensions) resolver.extension(field);
  for (const [name, service] of declarations.services) {
    for (const method of service.methodsArray) resolver.method(method, name);
  }
  reportMissing(collected, resolver);
  try {
    resolveTypes(collected.root, declarations);
  } catch (thrown) {
    throw new SchemaError([{ message: reasonOf(thrown) }], { cause: thrown });
  }
  return declarations;
}

/**
 * protobufjs's own resolution. Its look-up walks the tree of names and remembers every step in each namespace; all references are
 * absolute here, so that one look-up is enough.
 */
function resolveTypes(root: protobuf.Root, { types, enums }: Declarations): void {
  const lookup = root.lookup.bind(root);
  root.lookup = (path: string | string[], filter?: unknown): protobuf.ReflectionObject | null => {
    const name = typeof path === 'string' ? path : path.join('.');
    return types.get(name) ?? enums.get(name) ?? lookup(path, filter);
  };
  try {
    root.resolveAll();
  } finally {
    Reflect.deleteProperty(root, 'lookup');
  }
  for (const type of types.values()) shareFeatures(type);
}

/** protobufjs has no public name for the edition features of a declaration, and gives each one a copy of its parent's. */
interface WithFeatures {
  _features: Readonly<Record<string, unknown>>;
}

/** One object where a field has the features of its message and a message those of its file: 120 bytes for each field of a schema. */
function shareFeatures(type: protobuf.Type): void {
  shareWith(type.parent, type);
  for (const field of type.fieldsArray) shareWith(type, field);
}

function shareWith(
  parent: protobuf.ReflectionObject | null,
  child: protobuf.ReflectionObject,
): void {
  if (parent === null) return;
  const { _features: above } = parent as unknown as WithFeatures;
  const own = child as unknown as WithFeatures;
  const names = Object.keys(own._features);
  if (names.length !== Object.keys(above).length) return;
  if (names.every((name) => own._features[name] === above[name])) own._features = above;
}

class Resolver {
  /** The first of them, described. */
  readonly problems: SchemaProblem[] = [];
  unresolved = 0;
  readonly #collected: Collected;
  readonly #declarations: Declarations;

  constructor(collected: Collected, declarations: Declarations) {
    this.#collected = collected;
    this.#declarations = declarations;
  }

  field(field: protobuf.Field, scope: string): void {
    // In text a scalar's name is reserved; in a descriptor a reference is absolute or qualified, so neither hides the other.
    if (SCALARS.has(field.type)) return;
    const found = this.#find(field.type, scope);
    if (found === undefined) this.#unknown(field, 'field', field.type);
    else field.type = `.${found}`;
  }

  extension(field: protobuf.Field): void {
    const scope = field.parent === null ? '' : fullNameOf(field.parent);
    if (field.extensionField === null) {
      this.#unknown(field, 'extension', field.extend ?? '');
      return;
    }
    this.field(field, scope);
    field.extensionField.type = field.type;
  }

  method(method: protobuf.Method, scope: string): void {
    const { types } = this.#declarations;
    const input = this.#find(method.requestType, scope);
    const output = this.#find(method.responseType, scope);
    if (input === undefined) this.#unknown(method, 'method', method.requestType);
    else if (!types.has(input)) this.#noMessage(method, method.requestType);
    else method.requestType = `.${input}`;
    if (output === undefined) this.#unknown(method, 'method', method.responseType);
    else if (!types.has(output)) this.#noMessage(method, method.responseType);
    else method.responseType = `.${output}`;
  }

  /** The full name that a reference means inside `scope`: the innermost enclosing scope that knows it wins. */
  #find(reference: string, scope: string): string | undefined {
    if (reference.startsWith('.')) return this.#known(reference.slice(1));
    for (let at = scope; at !== ''; at = at.slice(0, Math.max(at.lastIndexOf('.'), 0))) {
      const found = this.#known(`${at}.${reference}`);
      if (found !== undefined) return found;
    }
    return this.#known(reference);
  }

  #known(name: string): string | undefined {
    const { types, enums } = this.#declarations;
    return types.has(name) || enums.has(name) ? name : undefined;
  }

  #noMessage(method: protobuf.Method, reference: string): void {
    this.#problem(
      method,
      `method ${fullNameOf(method)} refers to ${reference}, which is no message`,
    );
  }

  #unknown(object: protobuf.ReflectionObject, kind: string, reference: string): void {
    const written = reference.startsWith('.') ? reference.slice(1) : reference;
    if (this.problems.length >= MAX_PROBLEMS) {
      this.unresolved++;
      return;
    }
    const { types, enums } = this.#declarations;
    const meant = similarName(written, [...types.keys(), ...enums.keys()]);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    const label = `${kind} ${fullNameOf(object)}`;
    this.#problem(object, `${label} refers to ${written}, which no file declares${question}`);
  }

  #problem(object: protobuf.ReflectionObject, message: string): void {
    this.unresolved++;
    if (this.problems.length >= MAX_PROBLEMS) return;
    const place = this.#collected.locate(fileOf(object), fullNameOf(object));
    this.problems.push({ message, ...place });
  }
}

/** The same name in another package, or the nearest spelling. */
function similarName(written: string, names: readonly string[]): string | undefined {
  const byLastName = new Map(names.map((name) => [lastName(name), name]));
  const meant = nearest(lastName(written), byLastName.keys());
  return meant === undefined ? undefined : byLastName.get(meant);
}

function lastName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

/**
 * A missing import matters only where something was not found: one that brought nothing but custom options, as
 * `protoc-gen-openapiv2/options/annotations.proto`, is a warning.
 */
function reportMissing(collected: Collected, { problems, unresolved }: Resolver): void {
  if (unresolved === 0) {
    for (const { importer, name } of collected.missing) {
      collected.warnings.push(
        `${importer} imports ${name}, which was not found; no type of it is used, so only its custom options are lost`,
      );
    }
    return;
  }
  const more = unresolved - problems.length;
  const rest = more === 0 ? [] : [{ message: `and ${more} more such references` }];
  throw new SchemaError([...missingImports(collected), ...problems, ...rest]);
}

/** A problem for each import that was not found, for when it may be the cause of others. */
export function missingImports(collected: Collected): SchemaProblem[] {
  return collected.missing.slice(0, MAX_PROBLEMS).map(({ importer, name, place }) => ({
    message: `${importer} imports ${name}, which was not found in ${collected.searched}`,
    ...place,
  }));
}
