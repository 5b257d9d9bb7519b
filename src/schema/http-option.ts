/**
 * The option google.api.http of a method, from each form that it is found in, as one plain object with the names of google/api/http.proto.
 * What the object says is checked in http-rule.ts.
 */
import protobuf from 'protobufjs';

/** `extend google.protobuf.MethodOptions { HttpRule http = 72295728; }` in google/api/annotations.proto. */
const HTTP_EXTENSION = 72_295_728;
const HTTP_OPTION = 'google.api.http';
const LENGTH_DELIMITED = 2;

/** A rule object; an own property per field that is set. */
export interface RuleObject {
  [field: string]: unknown;
}

/**
 * The rule among the options of a method parsed from text, as protobufjs keeps them in `parsedOptions` (`options` mixes the verbs of several
 * bindings). The list of all where the option is set twice; undefined where it is not set.
 */
export function annotationOfOptions(
  parsedOptions: readonly Readonly<Record<string, unknown>>[] | undefined,
  scope: string,
): unknown {
  const found: unknown[] = [];
  for (const option of parsedOptions ?? []) {
    for (const [name, value] of Object.entries(option)) {
      if (meansHttp(name, scope)) found.push(value);
    }
  }
  return found.length > 1 ? found : found[0];
}

/** Whether `(name)`, written inside `scope`, is google.api.http: absolute, or relative to one of the enclosing packages. */
function meansHttp(written: string, scope: string): boolean {
  if (!written.startsWith('(') || !written.endsWith(')')) return false;
  const name = written.slice(1, -1);
  if (name.startsWith('.')) return name.slice(1) === HTTP_OPTION;
  if (name === HTTP_OPTION) return true;
  const enclosing = scope.split('.');
  return enclosing.some(
    (_, at) => `${enclosing.slice(0, at + 1).join('.')}.${name}` === HTTP_OPTION,
  );
}

/**
 * The rule among the unknown fields of a decoded MethodOptions (each with its tag), or undefined. Several are merged as protobuf merges
 * messages. Throws where the bytes are no HttpRule.
 */
export function annotationOfUnknowns(
  unknowns: readonly Uint8Array[] | undefined,
): RuleObject | undefined {
  let rule: RuleObject | undefined;
  for (const unknown of unknowns ?? []) {
    const reader = protobuf.Reader.create(unknown);
    const tag = reader.uint32();
    if (tag >>> 3 !== HTTP_EXTENSION || (tag & 7) !== LENGTH_DELIMITED) continue;
    rule ??= {};
    readRule(reader.bytes(), rule, 0);
  }
  return rule;
}

/** The fields of HttpRule that are strings, by number. `pattern` is a oneof: the last one on the wire wins. */
const STRINGS: ReadonlyMap<number, string> = new Map([
  [1, 'selector'],
  [2, 'get'],
  [3, 'put'],
  [4, 'post'],
  [5, 'delete'],
  [6, 'patch'],
  [7, 'body'],
  [12, 'response_body'],
]);
const PATTERNS: readonly string[] = ['get', 'put', 'post', 'delete', 'patch', 'custom'];
const CUSTOM = 8;
const ADDITIONAL_BINDINGS = 11;

function readRule(bytes: Uint8Array, rule: RuleObject, depth: number): void {
  eachDelimited(bytes, (number, value) => {
    const name = STRINGS.get(number);
    if (name !== undefined) {
      if (PATTERNS.includes(name)) clearPattern(rule);
      rule[name] = utf8(value);
    } else if (number === CUSTOM) {
      const custom = (rule['custom'] as RuleObject | undefined) ?? {};
      clearPattern(rule);
      eachDelimited(value, (field, text) => {
        if (field === 1 || field === 2) custom[field === 1 ? 'kind' : 'path'] = utf8(text);
      });
      rule['custom'] = custom;
    } else if (number === ADDITIONAL_BINDINGS) {
      const bindings = (rule['additional_bindings'] ??= []) as RuleObject[];
      const binding: RuleObject = {};
      // One level is all that http.proto allows; a deeper one is only noted, so that nesting costs no stack.
      if (depth === 0) readRule(value, binding, 1);
      bindings.push(binding);
    }
  });
}

function clearPattern(rule: RuleObject): void {
  for (const pattern of PATTERNS) delete rule[pattern];
}

function eachDelimited(
  bytes: Uint8Array,
  visit: (number: number, value: Uint8Array) => void,
): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if ((tag & 7) === LENGTH_DELIMITED) visit(tag >>> 3, reader.bytes());
    else reader.skipType(tag & 7);
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function utf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
