/**
 * Type references made absolute by the scoping rules of the protobuf language, before protobufjs resolves anything: its own lookup also
 * searches nested scopes that a reference cannot see, and costs a scan of them for every name that is not there.
 */
import protobuf from 'protobufjs';
import { nearest } from '../lib/nearest.ts';
import { declarationsOf, fileOf, fullNameOf } from './collected.ts';
import type { Collected, Declarations } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { reasonOf, SchemaError } from './error.ts';

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
  reportMissing(collected, resolver.problems);
  try {
    collected.root.resolveAll();
  } catch (thrown) {
    throw new SchemaError([{ message: reasonOf(thrown) }], { cause: thrown });
  }
  return declarations;
}

class Resolver {
  readonly problems: SchemaProblem[] = [];
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
    const input = this.#find(method.requestType, scope);
    const output = this.#find(method.responseType, scope);
    const label = `method ${fullNameOf(method)}`;
    if (input === undefined || !this.#declarations.types.has(input)) {
      this.#unknown(method, label, method.requestType);
    } else method.requestType = `.${input}`;
    if (output === undefined || !this.#declarations.types.has(output)) {
      this.#unknown(method, label, method.responseType);
    } else method.responseType = `.${output}`;
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
    const { types, enums } = this.#declarations;
    const meant = sameLastName(written, [...types.keys(), ...enums.keys()]);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    this.problems.push({
      message: `${label}: no file that was read declares ${written === '' ? 'its type' : `the message type ${written}`}${question}`,
      ...this.#collected.locate(fileOf(object), fullNameOf(object)),
    });
  }
}

/** A name in another package, or the nearest spelling. */
function sameLastName(written: string, names: readonly string[]): string | undefined {
  const last = `.${written.slice(written.lastIndexOf('.') + 1)}`;
  return names.find((name) => name.endsWith(last)) ?? nearest(written, names);
}

/**
 * A missing import matters only where something was not found: one that brought nothing but custom options, as
 * `protoc-gen-openapiv2/options/annotations.proto`, is a warning.
 */
function reportMissing(collected: Collected, unresolved: readonly SchemaProblem[]): void {
  if (unresolved.length === 0) {
    for (const { importer, name } of collected.missing) {
      collected.warnings.push(
        `${importer} imports ${name}, which was not found; no type of it is used, so only its custom options are lost`,
      );
    }
    return;
  }
  const imports = collected.missing.map(({ importer, name, place }) => ({
    message: `${importer} imports ${name}, which was not found in ${collected.searched}`,
    ...place,
  }));
  throw new SchemaError([...imports, ...unresolved]);
}
