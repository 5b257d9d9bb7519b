/** The demo's service as its descriptors tell it: no code is generated. */
import {
  createFileRegistry,
  type DescMessage,
  type DescMethod,
  type DescService,
  type FileRegistry,
  fromBinary,
  toJson,
} from '@bufbuild/protobuf';
import { type Any, anyUnpack, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Json } from './types.ts';

export interface Schema {
  readonly registry: FileRegistry;
  readonly service: DescService;
  readonly status: DescMessage;
}

export async function loadSchema(): Promise<Schema> {
  const answer = await fetch('/schema.binpb');
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  const service = registry.getService('bookstore.v1.Bookstore');
  const status = registry.getMessage('google.rpc.Status');
  if (service === undefined || status === undefined) throw new Error('the schema lacks something');
  return { registry, service, status };
}

export function methodOf({ service }: Schema, name: string): DescMethod {
  const method = service.methods.find((method) => method.name === name);
  if (method === undefined) throw new Error(`no method ${name}`);
  return method;
}

export function detailOf({ registry }: Schema, any: Any): Json {
  const message = anyUnpack(any, registry);
  const schema = message && registry.getMessage(message.$typeName);
  if (message === undefined || schema === undefined) return { type: any.typeUrl };
  return { type: schema.typeName, ...(toJson(schema, message, { registry }) as Json) };
}
