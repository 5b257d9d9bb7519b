/** The messages that are measured: a descriptor set that every library can load, and one sample of each size. */
import { create, fromJson, toBinary } from '@bufbuild/protobuf';
import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import {
  file_google_protobuf_timestamp,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

export interface Sample {
  readonly size: 'small' | 'medium' | 'large';
  readonly typeName: string;
  readonly json: JsonObject;
}

type FieldType = 'string' | 'int32' | 'int64' | 'double' | 'bool' | `.${string}`;

/** Names of one word, so that proto and JSON names are the same for libraries that know only one of them. */
function field(name: string, number: number, type: FieldType, repeated = false): JsonObject {
  const scalar = type.startsWith('.') ? undefined : `TYPE_${type.toUpperCase()}`;
  const reference = type === '.bench.Status' ? 'TYPE_ENUM' : 'TYPE_MESSAGE';
  return {
    name,
    jsonName: name,
    number,
    label: repeated ? 'LABEL_REPEATED' : 'LABEL_OPTIONAL',
    type: scalar ?? reference,
    ...(scalar === undefined ? { typeName: type } : {}),
  };
}

const labelsEntry = {
  name: 'LabelsEntry',
  field: [field('key', 1, 'string'), field('value', 2, 'string')],
  options: { mapEntry: true },
};

const FILE: JsonObject = {
  name: 'bench.proto',
  package: 'bench',
  syntax: 'proto3',
  dependency: ['google/protobuf/timestamp.proto'],
  enumType: [
    {
      name: 'Status',
      value: ['UNKNOWN', 'PLACED', 'PAID', 'SHIPPED'].map((name, number) => ({ name, number })),
    },
  ],
  messageType: [
    {
      name: 'Small',
      field: [field('name', 1, 'string'), field('count', 2, 'int32'), field('active', 3, 'bool')],
    },
    {
      name: 'Customer',
      field: [field('name', 1, 'string'), field('email', 2, 'string'), field('since', 3, 'int32')],
    },
    {
      name: 'Item',
      field: [
        field('sku', 1, 'string'),
        field('title', 2, 'string'),
        field('quantity', 3, 'int32'),
        field('price', 4, 'double'),
      ],
    },
    {
      name: 'Order',
      field: [
        field('id', 1, 'string'),
        field('number', 2, 'int64'),
        field('status', 3, '.bench.Status'),
        field('customer', 4, '.bench.Customer'),
        field('items', 5, '.bench.Item', true),
        field('labels', 6, '.bench.Order.LabelsEntry', true),
        field('created', 7, '.google.protobuf.Timestamp'),
        field('points', 8, 'int32', true),
        field('total', 9, 'double'),
        field('gift', 10, 'bool'),
        field('note', 11, 'string'),
      ],
      nestedType: [labelsEntry],
    },
    { name: 'Orders', field: [field('orders', 1, '.bench.Order', true)] },
  ],
};

/** A FileDescriptorSet with everything that it imports. */
export function descriptorSet(): Uint8Array {
  const file = fromJson(FileDescriptorProtoSchema, FILE);
  const set = create(FileDescriptorSetSchema, {
    file: [file_google_protobuf_timestamp.proto, file],
  });
  return toBinary(FileDescriptorSetSchema, set);
}

/** About 800 bytes of JSON; `n` makes each another one. */
function order(n: number): JsonObject {
  const item = (index: number): JsonValue => ({
    sku: `sku-${1000 + ((n * 7 + index) % 900)}`,
    title:
      ['Blue notebook, ruled', 'Pencil', 'Eraser "soft"', 'Ink: black', 'Caf\u00e9 mug'][index] ??
      '',
    quantity: 1 + ((n + index) % 9),
    price: (199 + n + index * 250) / 100,
  });
  return {
    id: `order-${100_000 + n}`,
    number: String(9_007_199_254_740_993n + BigInt(n)),
    status: 'SHIPPED',
    customer: { name: 'Ada Lovelace', email: `ada.${n}@example.com`, since: 1843 },
    items: [0, 1, 2, 3, 4].map(item),
    labels: { channel: 'web', region: 'eu-west', campaign: `autumn-${n % 10}` },
    created: '2026-11-22T07:30:15.250Z',
    points: [1, 20, 300, 4000, 50_000, n + 1],
    total: 123.45 + n,
    gift: true,
    note: 'Please leave the parcel with the neighbours on the second floor, and ring twice.',
  };
}

/** One message of each size that the issue names. */
export const SAMPLES: readonly Sample[] = [
  {
    size: 'small',
    typeName: 'bench.Small',
    json: { name: 'bookshelf', count: 4711, active: true },
  },
  { size: 'medium', typeName: 'bench.Order', json: order(1) },
  {
    size: 'large',
    typeName: 'bench.Orders',
    json: { orders: Array.from({ length: 250 }, (_, n) => order(n)) },
  },
];
