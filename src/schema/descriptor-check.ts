/**
 * What protoc guarantees of a descriptor and a stranger's descriptor may break. Names end up as properties and in generated code, so nothing
 * but an identifier passes; protobufjs would strip or skip the rest without a word. Source: google/protobuf/descriptor.proto.
 */
import type {
  IDescriptorProto,
  IEnumDescriptorProto,
  IFieldDescriptorProto,
  IFileDescriptorProto,
  IServiceDescriptorProto,
} from 'protobufjs/ext/descriptor.js';
import { IDENTIFIER } from './collected.ts';

/** How much a schema may declare in total: messages, enums and their values, fields, methods. Googleapis as a whole has a fifth of it. */
const MAX_DECLARATIONS = 1_000_000;
/** As protoc: no deeper nesting of messages. */
const MAX_NESTING = 32;
/** 2^29 - 1, the largest field number. */
const MAX_FIELD_NUMBER = 536_870_911;
const TYPE_REFERENCE = /^\.?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/;

/** FieldDescriptorProto.Type: those that carry a type name. */
const GROUP = 10;
const MESSAGE = 11;
const ENUM = 14;
const LAST_TYPE = 18;
/** FieldDescriptorProto.Label. */
const REPEATED = 3;

/** What is left of {@link MAX_DECLARATIONS}; shared by the files of one schema. */
export interface DeclarationBudget {
  left: number;
}

export function newBudget(): DeclarationBudget {
  return { left: MAX_DECLARATIONS };
}

/** Throws an Error that names the first thing that no compiler would have written. */
export function checkFile(file: IFileDescriptorProto, budget: DeclarationBudget): void {
  const scope = file.package ?? '';
  if (scope !== '')
    for (const component of scope.split('.')) checkName(component, 'package', scope);
  for (const message of file.messageType ?? []) checkMessage(message, scope, { budget, depth: 1 });
  for (const enumeration of file.enumType ?? []) checkEnum(enumeration, scope, budget);
  for (const extension of file.extension ?? []) checkField(extension, scope, budget);
  for (const service of file.service ?? []) checkService(service, scope, budget);
}

interface Nesting {
  readonly budget: DeclarationBudget;
  readonly depth: number;
}

function checkMessage(message: IDescriptorProto, scope: string, nesting: Nesting): void {
  const { budget, depth } = nesting;
  const name = checkName(message.name, 'message', scope);
  spend(budget);
  if (depth > MAX_NESTING) throw new Error(`message ${name} is nested deeper than ${MAX_NESTING}`);
  for (const oneof of message.oneofDecl ?? []) checkName(oneof.name, 'oneof', name);
  for (const field of message.field ?? []) {
    checkField(field, name, budget);
    checkOneof(field, message);
  }
  for (const extension of message.extension ?? []) checkField(extension, name, budget);
  for (const enumeration of message.enumType ?? []) checkEnum(enumeration, name, budget);
  for (const nested of message.nestedType ?? []) {
    if (nested.options?.mapEntry === true) checkMapEntry(nested, name);
    checkMessage(nested, name, { budget, depth: depth + 1 });
  }
}

function checkOneof(field: IFieldDescriptorProto, message: IDescriptorProto): void {
  if (!Object.hasOwn(field, 'oneofIndex')) return;
  if (message.oneofDecl?.[field.oneofIndex ?? -1] !== undefined) return;
  throw new Error(`field ${field.name} of ${message.name} is in a oneof that does not exist`);
}

function checkMapEntry(entry: IDescriptorProto, scope: string): void {
  const numbers = (entry.field ?? []).map((field) => field.number);
  const [key] = entry.field ?? [];
  const scalarKey = key?.typeName === undefined || key.typeName === '';
  if (numbers.length !== 2 || numbers[0] !== 1 || numbers[1] !== 2 || !scalarKey) {
    throw new Error(`the map entry ${scope}.${entry.name ?? ''} has not a key and a value`);
  }
}

function checkField(field: IFieldDescriptorProto, scope: string, budget: DeclarationBudget): void {
  const name = checkName(field.name, 'field', scope);
  spend(budget);
  const { number = 0, label = 0 } = field;
  if (number < 1 || number > MAX_FIELD_NUMBER) {
    throw new Error(`field ${name} has the number ${number}`);
  }
  if (label < 1 || label > REPEATED) throw new Error(`field ${name} has the label ${label}`);
  checkFieldType(field, name);
}

function checkFieldType(field: IFieldDescriptorProto, name: string): void {
  const { typeName = '', extendee = '' } = field;
  // descriptor.proto: "If type_name is set, this need not be set."
  const type = Object.hasOwn(field, 'type') || typeName === '' ? (field.type ?? 0) : MESSAGE;
  if (type < 1 || type > LAST_TYPE) throw new Error(`field ${name} has the type ${type}`);
  const refers = type === GROUP || type === MESSAGE || type === ENUM;
  if (refers !== (typeName !== '')) {
    throw new Error(
      `field ${name} has the type ${type} and the type name ${JSON.stringify(typeName)}`,
    );
  }
  for (const reference of [typeName, extendee]) {
    if (reference === '' || TYPE_REFERENCE.test(reference)) continue;
    throw new Error(`field ${name} refers to ${JSON.stringify(reference)}, which is no name`);
  }
}

function checkEnum(
  enumeration: IEnumDescriptorProto,
  scope: string,
  budget: DeclarationBudget,
): void {
  const name = checkName(enumeration.name, 'enum', scope);
  spend(budget);
  const values = enumeration.value ?? [];
  // protobuf language: an enum has at least one value. protobufjs takes the first for the default.
  if (values.length === 0) throw new Error(`enum ${name} has no value`);
  for (const value of values) {
    checkName(value.name, 'value', name);
    spend(budget);
  }
}

function checkService(
  service: IServiceDescriptorProto,
  scope: string,
  budget: DeclarationBudget,
): void {
  const name = checkName(service.name, 'service', scope);
  for (const method of service.method ?? []) {
    const methodName = checkName(method.name, 'method', name);
    spend(budget);
    for (const reference of [method.inputType ?? '', method.outputType ?? '']) {
      if (!TYPE_REFERENCE.test(reference)) {
        throw new Error(
          `method ${methodName} has the type ${JSON.stringify(reference)}, which is no name`,
        );
      }
    }
  }
}

/** The full name; throws where it is not one. `__proto__` is an identifier that no JavaScript object can carry as a plain key. */
function checkName(name: string | undefined, kind: string, scope: string): string {
  if (name === undefined || !IDENTIFIER.test(name) || name === '__proto__') {
    const shown = JSON.stringify((name ?? '').slice(0, 60));
    throw new Error(`a ${kind} in ${scope === '' ? 'the file' : scope} cannot be named ${shown}`);
  }
  return scope === '' ? name : `${scope}.${name}`;
}

function spend(budget: DeclarationBudget): void {
  budget.left--;
  if (budget.left < 0) throw new Error(`more than ${MAX_DECLARATIONS} declarations`);
}
