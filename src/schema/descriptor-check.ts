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

/** As protoc: no deeper nesting of messages. */
const MAX_NESTING = 32;
/** Full names are keys of several maps: a package of a megabyte would be copied for each message. */
const MAX_FULL_NAME = 2_000;
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

/**
 * What a schema may still cost; shared by its files. A unit is one declaration: a message, a field, an enum value, a method, a binding.
 * protobufjs adds the n-th field of a message in time that grows with n, so fields cost more the more there are: ten thousand in one message
 * take four seconds, a thousand 40 ms.
 */
export interface DeclarationBudget {
  readonly units: number;
  left: number;
  /** How many extensions each message has got so far. */
  readonly extended: Map<string, number>;
}

export function newBudget(units: number): DeclarationBudget {
  return { units, left: units, extended: new Map() };
}

/** Throws where nothing is left. */
export function spend(budget: DeclarationBudget, units: number): void {
  budget.left -= units;
  if (budget.left < 0) throw new Error(`too large: more than ${budget.units} declarations`);
}

/** How many units the product of two counts costs in protobufjs, measured. */
const QUADRATIC_UNIT = 100;

/** Throws an Error that names the first thing that no compiler would have written. */
export function checkFile(file: IFileDescriptorProto, budget: DeclarationBudget): void {
  const scope = file.package ?? '';
  if (scope !== '')
    for (const component of scope.split('.')) checkName(component, 'package', scope);
  for (const message of file.messageType ?? []) checkMessage(message, scope, { budget, depth: 1 });
  for (const enumeration of file.enumType ?? []) checkEnum(enumeration, scope, budget);
  for (const extension of file.extension ?? []) checkExtension(extension, scope, budget);
  for (const service of file.service ?? []) checkService(service, scope, budget);
}

interface Nesting {
  readonly budget: DeclarationBudget;
  readonly depth: number;
}

function checkMessage(message: IDescriptorProto, scope: string, nesting: Nesting): void {
  const { budget, depth } = nesting;
  const name = checkName(message.name, 'message', scope);
  spend(budget, 1);
  if (depth > MAX_NESTING) throw new Error(`message ${name} is nested deeper than ${MAX_NESTING}`);
  spendOnFields(message, budget);
  for (const oneof of message.oneofDecl ?? []) checkName(oneof.name, 'oneof', name);
  for (const field of message.field ?? []) {
    checkField(field, name, budget);
    checkOneof(field, message);
  }
  for (const extension of message.extension ?? []) checkExtension(extension, name, budget);
  for (const enumeration of message.enumType ?? []) checkEnum(enumeration, name, budget);
  for (const nested of message.nestedType ?? []) {
    if (nested.options?.mapEntry === true) checkMapEntry(nested, name);
    checkMessage(nested, name, { budget, depth: depth + 1 });
  }
}

function spendOnFields(message: IDescriptorProto, budget: DeclarationBudget): void {
  const fields = message.field?.length ?? 0;
  const oneofs = message.oneofDecl?.length ?? 0;
  const reserved = (message.reservedName?.length ?? 0) + (message.reservedRange?.length ?? 0);
  spend(budget, (fields * (fields + oneofs + reserved)) / QUADRATIC_UNIT);
}

function checkExtension(
  extension: IFieldDescriptorProto,
  scope: string,
  budget: DeclarationBudget,
): void {
  const name = checkField(extension, scope, budget);
  const extendee = extension.extendee ?? '';
  if (extendee === '') throw new Error(`extension ${name} extends nothing`);
  const count = (budget.extended.get(extendee) ?? 0) + 1;
  budget.extended.set(extendee, count);
  spend(budget, (2 * count) / QUADRATIC_UNIT);
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

/** The full name. */
function checkField(
  field: IFieldDescriptorProto,
  scope: string,
  budget: DeclarationBudget,
): string {
  const name = checkName(field.name, 'field', scope);
  spend(budget, 1);
  const { number = 0, label = 0 } = field;
  if (number < 1 || number > MAX_FIELD_NUMBER) {
    throw new Error(`field ${name} has the number ${number}`);
  }
  if (label < 1 || label > REPEATED) throw new Error(`field ${name} has the label ${label}`);
  checkFieldType(field, name);
  return name;
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
  spend(budget, 1);
  const values = enumeration.value ?? [];
  // protobuf language: an enum has at least one value. protobufjs takes the first for the default.
  if (values.length === 0) throw new Error(`enum ${name} has no value`);
  for (const value of values) {
    checkName(value.name, 'value', name);
    spend(budget, 1);
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
    spend(budget, 1);
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
  const fullName = scope === '' ? name : `${scope}.${name}`;
  if (fullName.length > MAX_FULL_NAME)
    throw new Error(`a ${kind} has a name of ${fullName.length} characters`);
  return fullName;
}
