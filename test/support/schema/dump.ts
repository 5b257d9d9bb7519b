/** A schema as plain data, so that two of them can be compared; what is lazy is built. */
import type { FieldModel, MessageModel, Schema } from '../../../src/schema/model.ts';

/** Everything but `runtime` and the warnings. References to types become their names. */
export function dumpSchema(schema: Schema, keep: (name: string) => boolean = () => true): object {
  const messages = [...schema.messages].filter(([name]) => keep(name));
  const enums = [...schema.enums].filter(([name]) => keep(name));
  return {
    services: sorted(
      [...schema.services].map(([name, service]) => [
        name,
        service.methods.map((method) => ({
          ...method,
          input: method.input.fullName,
          output: method.output.fullName,
        })),
      ]),
    ),
    messages: sorted(messages.map(([name, message]) => [name, dumpMessage(message)])),
    enums: sorted(
      enums.map(([name, type]) => [name, { closed: type.closed, values: [...type.values] }]),
    ),
  };
}

/** The fields of a message in order. */
export function dumpMessage(message: MessageModel): object {
  return {
    fullName: message.fullName,
    runtime: message.runtime.fullName,
    fields: message.fields.map(dumpField),
    names: [...message.byName.keys()].sort(),
    numbers: [...message.byNumber.keys()].sort((left, right) => left - right),
  };
}

function dumpField(field: FieldModel): object {
  return { ...field, type: dumpType(field) };
}

function dumpType({ type }: FieldModel): string {
  switch (type.kind) {
    case 'scalar':
      return type.scalar;
    case 'enum':
      return `enum ${type.enum.fullName}`;
    case 'message':
      return `${type.group ? 'group' : 'message'} ${type.message.fullName}`;
  }
}

function sorted(entries: (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
