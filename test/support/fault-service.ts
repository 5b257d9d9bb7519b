/** The service of fault.proto as the libraries of Connect and gRPC-Web take it, without generated code. */
import { create, createFileRegistry, type DescService } from '@bufbuild/protobuf';
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorSetSchema,
  MethodOptions_IdempotencyLevel,
} from '@bufbuild/protobuf/wkt';

const TYPE = '.fault.v1.Item';

/** `name` and `count` of an Item are all that these clients need. */
export function faultService(): DescService {
  const set = create(FileDescriptorSetSchema, {
    file: [
      {
        name: 'fault/v1/fault.proto',
        package: 'fault.v1',
        syntax: 'proto3',
        messageType: [{ name: 'Item', field: [field('name', 1), field('count', 2)] }],
        service: [
          {
            name: 'Fault',
            method: [
              {
                name: 'Get',
                inputType: TYPE,
                outputType: TYPE,
                options: { idempotencyLevel: MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS },
              },
              { name: 'Create', inputType: TYPE, outputType: TYPE },
              { name: 'Watch', inputType: TYPE, outputType: TYPE, serverStreaming: true },
              { name: 'Upload', inputType: TYPE, outputType: TYPE, clientStreaming: true },
              {
                name: 'Talk',
                inputType: TYPE,
                outputType: TYPE,
                clientStreaming: true,
                serverStreaming: true,
              },
            ],
          },
        ],
      },
    ],
  });
  const service = createFileRegistry(set).getService('fault.v1.Fault');
  if (service === undefined) throw new Error('fault.v1.Fault is missing');
  return service;
}

function field(name: string, number: number) {
  const type =
    name === 'count' ? FieldDescriptorProto_Type.INT32 : FieldDescriptorProto_Type.STRING;
  return { name, number, type, jsonName: name, label: FieldDescriptorProto_Label.OPTIONAL };
}
