/** google.api.http rules, read from parsed options and from raw descriptors, in one flat form that can be compared. */
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

export interface Binding {
  readonly verb: string;
  readonly path: string;
  readonly body: string;
  readonly responseBody: string;
}

interface Rule {
  readonly [verb: string]: unknown;
  readonly body?: string;
  readonly response_body?: string;
  readonly additional_bindings?: Rule | readonly Rule[];
}

/** The number of the extension google.api.http of google.protobuf.MethodOptions. */
const HTTP_EXTENSION = 72295728;
const VERBS = ['get', 'put', 'post', 'delete', 'patch'];

/** The bindings in protobufjs's `parsedOptions` of a method. */
export function bindingsOf(parsedOptions: unknown): readonly Binding[] {
  const options = (parsedOptions ?? []) as readonly Record<string, Rule>[];
  return options.flatMap((option) => flatten(option['(google.api.http)']));
}

/** The bindings of every method in the bytes of a FileDescriptorProto, the option taken from its raw tag. */
export function readBindings(
  root: protobuf.Root,
  file: Uint8Array,
): ReadonlyMap<string, readonly Binding[]> {
  const reader = protobuf.Reader.create(file);
  reader.discardUnknown = false;
  const content: descriptor.IFileDescriptorProto = descriptor.FileDescriptorProto.decode(
    reader,
  ) as object;
  const httpRule = root.lookupType('google.api.HttpRule');
  const found = new Map<string, readonly Binding[]>();
  for (const method of content.service?.flatMap((service) => service.method ?? []) ?? []) {
    const { $unknowns = [] } = (method.options ?? {}) as { $unknowns?: Uint8Array[] };
    const rules = $unknowns.flatMap((field) => {
      const part = protobuf.Reader.create(field);
      return part.uint32() === ((HTTP_EXTENSION << 3) | 2) >>> 0 ? [part.bytes()] : [];
    });
    const decoded = rules.map((bytes) => httpRule.toObject(httpRule.decode(bytes)) as Rule);
    found.set(method.name ?? '', decoded.flatMap(flatten));
  }
  return found;
}

function flatten(rule: Rule | undefined): Binding[] {
  if (rule === undefined) return [];
  const verb = VERBS.find((name) => typeof rule[name] === 'string') ?? '';
  const additional = rule.additional_bindings ?? [];
  return [
    {
      verb,
      path: String(rule[verb]),
      body: rule.body ?? '',
      responseBody: rule.response_body ?? '',
    },
    ...[additional].flat().flatMap(flatten),
  ];
}
