/** fault.v1.Fault and the details of errors as the libraries of Connect take them, without generated code: from what protoc made of the protos. */
import { readFileSync } from 'node:fs';
import {
  createFileRegistry,
  type DescMessage,
  type DescService,
  fromBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const file = new URL('schema/protoc.binpb', import.meta.url);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(file)));

export const FaultService: DescService = found(registry.getService('fault.v1.Fault'));
export const StatusMessage: DescMessage = found(registry.getMessage('google.rpc.Status'));
export const ErrorInfoMessage: DescMessage = found(registry.getMessage('google.rpc.ErrorInfo'));

function found<Desc>(desc: Desc | undefined): Desc {
  if (desc === undefined) throw new Error('protoc.binpb lacks it: scripts/expected-descriptors.sh');
  return desc;
}
