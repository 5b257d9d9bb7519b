/** From what a loader collected to the frozen model. */
import type protobuf from 'protobufjs';
import type { CallKind } from '../call/types.ts';
import { fileOf } from './collected.ts';
import type { Annotation, Collected, Declarations } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { MAX_PROBLEMS, SchemaError } from './error.ts';
import { bindingsOf } from './http-rule.ts';
import { typeModels } from './message-model.ts';
import type { TypeModels } from './message-model.ts';
import type { HttpRule, MessageModel, MethodModel, Schema, ServiceModel } from './model.ts';
import { missingImports, resolveReferences } from './references.ts';
import type { ServiceConfig } from './service-config.ts';
import { checkSelectors } from './service-config.ts';

/** Resolves, checks and freezes; throws a {@link SchemaError} with everything that is wrong. */
export function buildSchema(collected: Collected, config: ServiceConfig | undefined): Schema {
  if (collected.problems.length > 0) {
    throw new SchemaError([...missingImports(collected), ...collected.problems]);
  }
  const declarations = resolveReferences(collected);
  const models = typeModels(declarations);
  const builder = new Builder(collected, models, config);
  const services = builder.services(declarations);
  const problems = [
    ...(config === undefined ? [] : checkSelectors(config, services, declarations)),
    ...builder.problems,
  ];
  if (problems.length > 0) throw new SchemaError(problems);
  return Object.freeze({
    services,
    messages: models.messages,
    enums: models.enums,
    files: collected.files,
    warnings: Object.freeze([...collected.warnings, ...(config?.warnings ?? [])]),
  });
}

class Builder {
  readonly problems: SchemaProblem[] = [];
  readonly #collected: Collected;
  readonly #models: TypeModels;
  readonly #config: ServiceConfig | undefined;

  constructor(collected: Collected, models: TypeModels, config: ServiceConfig | undefined) {
    this.#collected = collected;
    this.#models = models;
    this.#config = config;
  }

  services(declarations: Declarations): Map<string, ServiceModel> {
    const services = new Map<string, ServiceModel>();
    for (const [fullName, service] of declarations.services) {
      if (!this.#collected.exposes(fullName, fileOf(service))) continue;
      const methods = service.methodsArray.map((method) => this.#method(fullName, method));
      services.set(fullName, Object.freeze({ fullName, methods: Object.freeze(methods) }));
    }
    return services;
  }

  #method(service: string, method: protobuf.Method): MethodModel {
    const fullName = `${service}.${method.name}`;
    return Object.freeze({
      name: method.name,
      fullName,
      path: `/${service}/${method.name}`,
      kind: kindOf(method),
      input: this.#message(method.resolvedRequestType),
      output: this.#message(method.resolvedResponseType),
      // The copy has no room left to grow.
      rules: Object.freeze([...this.#rules(fullName, method)]),
      idempotency: idempotencyOf(method),
    });
  }

  #rules(fullName: string, method: protobuf.Method): HttpRule[] {
    const rule: Annotation | undefined =
      this.#config?.rules.get(fullName) ?? this.#collected.annotations.get(fullName);
    const { resolvedRequestType: input, resolvedResponseType: output } = method;
    if (rule === undefined || input === null || output === null) return [];
    const target = { input, output, origin: `${rule.file}: ${fullName}` };
    return bindingsOf(rule.rule, target, (message) => {
      if (this.problems.length >= MAX_PROBLEMS) throw new SchemaError(this.problems);
      this.problems.push({ message: `the http rule of ${fullName}: ${message}`, ...rule.place() });
    });
  }

  #message(type: protobuf.Type | null): MessageModel {
    if (type === null)
      throw new Error('the types of a method are resolved before its model is built');
    return this.#models.message(type);
  }
}

function kindOf(method: protobuf.Method): CallKind {
  if (method.requestStream === true)
    return method.responseStream === true ? 'bidi' : 'client_stream';
  return method.responseStream === true ? 'server_stream' : 'unary';
}

function idempotencyOf(method: protobuf.Method): MethodModel['idempotency'] {
  switch (method.options?.['idempotency_level']) {
    case 'NO_SIDE_EFFECTS':
      return 'no_side_effects';
    case 'IDEMPOTENT':
      return 'idempotent';
    default:
      return 'unknown';
  }
}
