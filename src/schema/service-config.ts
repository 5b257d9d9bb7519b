/**
 * http rules from a google.api.Service YAML file, for services whose protos carry none. Source: google/api/service.proto, google/api/http.proto.
 * A rule here replaces the annotation of the method that it selects; of two for one method the last wins, as google.api.Http says.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type * as YamlModule from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';
import { nearest } from '../lib/nearest.ts';
import type { Annotation, Declarations, Place } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { MAX_PROBLEMS, reasonOf, SchemaError } from './error.ts';
import type { ServiceModel } from './model.ts';

export interface ServiceConfig {
  /** By selector: the full name of a method. */
  readonly rules: ReadonlyMap<string, Annotation>;
  readonly warnings: readonly string[];
}

type Yaml = typeof YamlModule;

/** Reads the file; a relative path starts at `directory`. The selectors are checked when the services are known. */
export async function readServiceConfig(path: string, directory: string): Promise<ServiceConfig> {
  const text = readText(path, directory);
  // Late: most gateways have no such file, and the parser costs 20 ms of a start.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: lines });
  const placeAt = (offset: number | undefined): Place => {
    if (offset === undefined) return { file: path };
    const { line, col } = lines.linePos(offset);
    return { file: path, line, column: col };
  };
  if (document.errors.length > 0) {
    throw new SchemaError(
      document.errors.map((error) => ({
        message: error.message.split('\n', 1)[0] ?? error.code,
        ...placeAt(error.pos[0]),
      })),
    );
  }
  return new ConfigReader(yaml, path, placeAt).read(document.contents);
}

function readText(path: string, directory: string): string {
  try {
    return readFileSync(resolve(directory, path), 'utf8');
  } catch (thrown) {
    const message = `the rules cannot be read: ${reasonOf(thrown)}`;
    throw new SchemaError([{ message, file: path }], { cause: thrown });
  }
}

class ConfigReader {
  readonly #yaml: Yaml;
  readonly #path: string;
  readonly #placeAt: (offset: number | undefined) => Place;
  readonly #problems: SchemaProblem[] = [];
  readonly #warnings: string[] = [];
  readonly #rules = new Map<string, Annotation>();

  constructor(yaml: Yaml, path: string, placeAt: (offset: number | undefined) => Place) {
    this.#yaml = yaml;
    this.#path = path;
    this.#placeAt = placeAt;
  }

  read(contents: unknown): ServiceConfig {
    if (this.#yaml.isMap(contents)) this.#readService(contents);
    else this.#problem('expected a google.api.Service', contents);
    if (this.#problems.length > 0) throw new SchemaError(this.#problems);
    return { rules: this.#rules, warnings: this.#warnings };
  }

  #readService(service: YAMLMap): void {
    const { isMap, isSeq } = this.#yaml;
    const type = service.get('type');
    if (type !== undefined && type !== 'google.api.Service') {
      const found = `type: expected google.api.Service, found ${JSON.stringify(type)}`;
      this.#problem(found, service.get('type', true));
    }
    const http = service.get('http', true);
    if (isMap(http)) this.#readHttp(http);
    const rules = isMap(http) ? http.get('rules', true) : undefined;
    if (!isSeq(rules)) this.#problem('expected a list at http.rules', rules ?? http ?? service);
    else for (const rule of rules.items) this.#readRule(rule);
  }

  #readHttp(http: YAMLMap): void {
    const known = ['rules', 'fully_decode_reserved_expansion', 'fullyDecodeReservedExpansion'];
    for (const pair of http.items) {
      const key = keyOf(pair);
      if (!known.includes(key)) {
        this.#problem(`google.api.Http has no field ${JSON.stringify(key)}`, pair.key);
      } else if (key !== 'rules' && this.#plain(pair.value) === true) {
        this.#warnings.push(
          `${this.#path}: http.${key} has no effect; "%2F" in a path stays as it is`,
        );
      }
    }
  }

  #readRule(node: unknown): void {
    if (!this.#yaml.isMap(node)) {
      this.#problem('expected a google.api.HttpRule', node);
      return;
    }
    const selector = node.get('selector');
    if (typeof selector !== 'string' || selector === '') {
      this.#problem('expected a selector: the full name of a method, as pkg.Service.Method', node);
      return;
    }
    if (this.#rules.has(selector)) {
      this.#warnings.push(`${this.#path}: ${selector} is selected twice; the last rule wins`);
    }
    const place = this.#placeAt(offsetOf(node));
    const rule = this.#plain(node);
    this.#rules.set(selector, { rule, file: this.#path, place: () => place });
  }

  /** The value without YAML's nodes. A key named `__proto__` stays a key. */
  #plain(node: unknown): unknown {
    const { isMap, isSeq, isScalar, isAlias } = this.#yaml;
    if (isMap(node))
      return Object.fromEntries(node.items.map((pair) => [keyOf(pair), this.#plain(pair.value)]));
    if (isSeq(node)) return node.items.map((item) => this.#plain(item));
    if (isAlias(node)) {
      this.#problem('aliases are not supported in http rules', node);
      return undefined;
    }
    return isScalar(node) ? node.value : undefined;
  }

  #problem(message: string, node: unknown): void {
    this.#problems.push({ message, ...this.#placeAt(offsetOf(node)) });
  }
}

function keyOf(pair: Pair): string {
  const { key } = pair;
  return String(typeof key === 'object' && key !== null && 'value' in key ? key.value : key);
}

function offsetOf(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node
    ? (node as Node).range?.[0]
    : undefined;
}

/** A selector that selects nothing is a mistake, and most often a misspelling. */
export function checkSelectors(
  config: ServiceConfig,
  services: ReadonlyMap<string, ServiceModel>,
  declarations: Declarations,
): SchemaProblem[] {
  const methods = new Set<string>();
  for (const service of services.values()) {
    for (const method of service.methods) methods.add(method.fullName);
  }
  const problems: SchemaProblem[] = [];
  for (const [selector, rule] of config.rules) {
    if (methods.has(selector)) continue;
    if (problems.length >= MAX_PROBLEMS) break;
    problems.push({ message: unmatched(selector, methods, declarations), ...rule.place() });
  }
  return problems;
}

function unmatched(
  selector: string,
  methods: ReadonlySet<string>,
  declarations: Declarations,
): string {
  const label = `the selector ${JSON.stringify(selector)} matches no method`;
  const service = selector.slice(0, Math.max(selector.lastIndexOf('.'), 0));
  const hidden = declarations.services.get(service);
  if (hidden !== undefined && Object.hasOwn(hidden.methods, selector.slice(service.length + 1))) {
    return `${label} that is served: ${service} is only imported; list its file among the protos`;
  }
  const meant = nearest(selector, methods);
  return meant === undefined ? label : `${label}; did you mean ${meant}?`;
}
