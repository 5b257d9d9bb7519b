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
  for (const type of declarations.types.values()) {
    for (const field of type.fieldsArray) {
      // What an extension added here is resolved where it was declared.
      if (field.declaringField === null) resolver.field(field, fullNameOf(type));
    }
  }
  for (const field of declarations.extensions) resolver.extension(field);
  for (const [name, service] of declarations.services) {
    for (const method of service.methodsArray) resolver.method(method, name);
  }
  reportMissing(collected, resolver);
  try {
    collected.root.resolveAll();
  } catch (thrown) {
    throw new SchemaError([{ message: reasonOf(thrown) }], { cause: thrown });
  }
  return declarations;
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
    if (found === undefined) this.#unknown(field, `field ${fullNameOf(field)}`, field.type);
    else field.type = `.${found}`;
  }

  extension(field: protobuf.Field): void {
    const scope = field.parent === null ? '' : fullNameOf(field.parent);
    if (field.extensionField === null) {
      this.#unknown(field, `extension ${fullNameOf(field)}`, field.extend ?? '');
      return;
    }
    this.field(field, scope);
    field.extensionField.type = field.type;
  }

  method(method: protobuf.Method, scope: string): void {
    const { types } = this.#declarations;
    const input = this.#find(method.requestType, scope);
    const output = this.#find(method.responseType, scope);
    const label = `method ${fullNameOf(method)}`;
    if (input === undefined) this.#unknown(method, label, method.requestType);
    else if (!types.has(input))
      this.#problem(method, `${label} refers to ${method.requestType}, which is no message`);
    else method.requestType = `.${input}`;
    if (output === undefined) this.#unknown(method, label, method.responseType);
    else if (!types.has(output))
      this.#problem(method, `${label} refers to ${method.responseType}, which is no message`);
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

  #unknown(object: protobuf.ReflectionObject, label: string, reference: string): void {
    const written = reference.startsWith('.') ? reference.slice(1) : reference;
    if (this.problems.length >= MAX_PROBLEMS) {
      this.unresolved++;
      return;
    }
    const { types, enums } = this.#declarations;
    const meant = similarName(written, [...types.keys(), ...enums.keys()]);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
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
