/** Who declares which name, and what a name means where it is written. Source: protobuf.dev/reference/protobuf/proto3-spec, "Name resolution". */
import type { EnumNode, FieldNode, FileNode, MessageNode, ServiceNode } from './nodes.ts';

export type Declared =
  | { readonly kind: 'message'; readonly node: MessageNode }
  | { readonly kind: 'enum'; readonly node: EnumNode }
  | { readonly kind: 'extension'; readonly node: FieldNode }
  | { readonly kind: 'service'; readonly node: ServiceNode }
  | { readonly kind: 'package' };

export type Symbol = Declared & { readonly fullName: string; readonly file: FileNode };

export class Symbols {
  /** Several files may have one package, and files that don't know each other one name. */
  readonly #byName = new Map<string, Symbol[]>();

  add(file: FileNode): void {
    const scope = file.package ?? '';
    const components = scope === '' ? [] : scope.split('.');
    for (const at of components.keys()) {
      this.#declare(components.slice(0, at + 1).join('.'), { kind: 'package' }, file);
    }
    for (const node of file.message_type) this.#message(node, scope, file);
    for (const node of file.enum_type)
      this.#declare(join(scope, node.name), { kind: 'enum', node }, file);
    for (const node of file.extension) {
      this.#declare(join(scope, node.name), { kind: 'extension', node }, file);
    }
    for (const node of file.service) {
      this.#declare(join(scope, node.name), { kind: 'service', node }, file);
    }
  }

  /** By its full name, as far as these files know it. */
  get(fullName: string, visible: ReadonlySet<string>): Symbol | undefined {
    return this.#byName.get(fullName)?.find(({ file }) => visible.has(file.name));
  }

  /**
   * What `name`, written inside `scope`, means: the innermost scope that knows its first component decides. Undefined where that is
   * none of `kinds` or nothing.
   */
  resolve(
    name: string,
    scope: string,
    visible: ReadonlySet<string>,
    kinds: readonly Symbol['kind'][],
  ): Symbol | undefined {
    if (name.startsWith('.')) return wanted(this.get(name.slice(1), visible), kinds);
    const [first = ''] = name.split('.');
    for (let at: string | undefined = scope; at !== undefined; at = parentOf(at)) {
      const found = this.get(join(at, first), visible);
      if (found === undefined) continue;
      if (first === name) {
        if (kinds.includes(found.kind)) return found;
      } else if (found.kind === 'message' || found.kind === 'package') {
        return wanted(this.get(join(at, name), visible), kinds);
      }
    }
    return undefined;
  }

  #message(node: MessageNode, scope: string, file: FileNode): void {
    const fullName = join(scope, node.name);
    this.#declare(fullName, { kind: 'message', node }, file);
    for (const nested of node.nested_type) this.#message(nested, fullName, file);
    for (const nested of node.enum_type) {
      this.#declare(join(fullName, nested.name), { kind: 'enum', node: nested }, file);
    }
    for (const nested of node.extension) {
      this.#declare(join(fullName, nested.name), { kind: 'extension', node: nested }, file);
    }
  }

  #declare(fullName: string, declared: Declared, file: FileNode): void {
    const known = this.#byName.get(fullName);
    const symbol = { ...declared, fullName, file };
    if (known === undefined) this.#byName.set(fullName, [symbol]);
    else known.push(symbol);
  }
}

/** `name` inside `scope`, which is empty at the top. */
export function join(scope: string, name: string): string {
  return scope === '' ? name : `${scope}.${name}`;
}

function wanted(symbol: Symbol | undefined, kinds: readonly Symbol['kind'][]): Symbol | undefined {
  return symbol !== undefined && kinds.includes(symbol.kind) ? symbol : undefined;
}

/** Undefined above the top. */
function parentOf(scope: string): string | undefined {
  return scope === '' ? undefined : scope.slice(0, Math.max(scope.lastIndexOf('.'), 0));
}
