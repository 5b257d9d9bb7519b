/** The part of an answer that a client asks for, resolved from paths once per call, so that writing looks nothing up by name. */
import type { FieldLayout, MessageLayout, ValueLayout } from '../layout.ts';

/** What is kept of a message, of each message of a list, or of a map. Where a mask may be null, all is kept. */
export type Mask = MessageMask | MapMask;

export interface MessageMask {
  readonly kind: 'message';
  /** In the order of declaration. */
  readonly parts: readonly { readonly field: FieldLayout; readonly mask: Mask | null }[];
}

export interface MapMask {
  readonly kind: 'map';
  /** By the JSON of the key, quoted, one character per byte of UTF-8. */
  readonly keys: ReadonlyMap<string, Mask | null>;
  /** For all other keys; undefined keeps none of them. */
  readonly every: Mask | null | undefined;
}

/** One step of a path. A quoted one is a name or a key even where it reads `*`. */
export interface Step {
  readonly text: string;
  readonly quoted: boolean;
}

/** What a path without steps stands for: a message, or what `response_body` names. */
export type Root = MessageLayout | FieldLayout;

/** Collects paths; a path that contains another adds nothing to it. */
export interface MaskBuilder {
  /** Returns why a path leads nowhere, else undefined. */
  add(path: readonly Step[]): string | undefined;
  /** Null where the paths keep everything. */
  build(): Mask | null;
}

/** `unknownName` makes the sentence about a name that a message does not have. */
export function maskBuilder(
  root: Root,
  unknownName: (message: MessageLayout['model'], name: string) => string,
): MaskBuilder {
  const top = newNode('shape' in root ? fieldStand(root) : messageStand(root));
  return {
    add(path) {
      const [first] = path;
      let node = top;
      if (path.length > 1 || first === undefined || !isEvery(first)) {
        for (const [index, step] of path.entries()) {
          const found = descend(node, step, index === path.length - 1, unknownName);
          if (typeof found === 'string') return found;
          node = found;
        }
      }
      node.whole = true;
      return undefined;
    },
    build: () => finish(top),
  };
}

/** What stands at the end of a path so far. */
type Stand =
  | { readonly kind: 'message'; readonly layout: MessageLayout; readonly listed: boolean }
  | { readonly kind: 'map'; readonly key: ValueLayout; readonly value: ValueLayout }
  | { readonly kind: 'closed'; readonly reason: string };

interface Node {
  readonly stand: Stand;
  whole: boolean;
  /** By proto name, or by key; {@link EVERY} is every key of a map, or every element of a list. */
  readonly children: Map<string, Node>;
}

/** No key: those are quoted. */
const EVERY = '*';

function newNode(stand: Stand): Node {
  return { stand, whole: false, children: new Map() };
}

function isEvery({ text, quoted }: Step): boolean {
  return text === EVERY && !quoted;
}

function descend(
  node: Node,
  step: Step,
  last: boolean,
  unknownName: (message: MessageLayout['model'], name: string) => string,
): Node | string {
  const { stand } = node;
  if (stand.kind === 'closed') return stand.reason;
  if (stand.kind === 'map') {
    const key = isEvery(step) ? EVERY : keyText(stand.key, step.text);
    return key === undefined
      ? `${JSON.stringify(step.text)} is no key of type ${stand.key.kind}`
      : childOf(node, key, () => valueStand(stand.value, false));
  }
  if (isEvery(step)) {
    if (last || stand.listed) return node;
    return '"*" stands for the elements of a list, the entries of a map, or at the end for all fields';
  }
  const field = stand.layout.byName.get(step.text);
  if (field !== undefined) return childOf(node, field.model.name, () => fieldStand(field));
  if (/[/()]/.test(step.text)) return 'paths are parted by "," and the names in a path by "."';
  return unknownName(stand.layout.model, step.text);
}

function childOf(node: Node, name: string, stand: () => Stand): Node {
  let child = node.children.get(name);
  if (child === undefined) node.children.set(name, (child = newNode(stand())));
  return child;
}

function messageStand(layout: MessageLayout, listed = false): Stand {
  if (layout.wellKnown === null) return { kind: 'message', layout, listed };
  const reason = `a ${layout.model.fullName} is one value, so no part of it can be named`;
  return { kind: 'closed', reason };
}

function fieldStand({ shape, key, value }: FieldLayout): Stand {
  if (key !== null) return { kind: 'map', key, value };
  return valueStand(value, shape === 'repeated');
}

function valueStand({ message, kind }: ValueLayout, listed: boolean): Stand {
  if (message !== null) return messageStand(message, listed);
  return { kind: 'closed', reason: `it is no message (${kind}), so no part of it can be named` };
}

/** The key as it is written, or undefined for what no key of its type is. */
function keyText({ kind }: ValueLayout, text: string): string | undefined {
  if (kind === 'bool' && text !== 'true' && text !== 'false') return undefined;
  if (kind !== 'bool' && kind !== 'string' && !/^(?:0|-?[1-9]\d*)$/.test(text)) return undefined;
  return Buffer.from(JSON.stringify(text)).toString('latin1');
}

function finish({ stand, whole, children }: Node): Mask | null {
  if (whole || stand.kind === 'closed') return null;
  if (stand.kind === 'message') {
    const parts = stand.layout.fields.flatMap((field) => {
      const child = children.get(field.model.name);
      return child === undefined ? [] : [{ field, mask: finish(child) }];
    });
    return { kind: 'message', parts };
  }
  const every = children.get(EVERY);
  const keys = [...children].filter(([key]) => key !== EVERY);
  return {
    kind: 'map',
    keys: new Map(
      keys.map(([key, child]) => [key, finish(every === undefined ? child : union(child, every))]),
    ),
    every: every === undefined ? undefined : finish(every),
  };
}

/** A key that is named keeps what is named of every key, too. */
function union(one: Node, other: Node): Node {
  const node = newNode(one.stand);
  node.whole = one.whole || other.whole;
  for (const name of new Set([...one.children.keys(), ...other.children.keys()])) {
    const left = one.children.get(name);
    const right = other.children.get(name);
    const both = left !== undefined && right !== undefined ? union(left, right) : (left ?? right);
    if (both !== undefined) node.children.set(name, both);
  }
  return node;
}
