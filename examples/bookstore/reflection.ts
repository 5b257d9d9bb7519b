/**
 * Server reflection from compiled descriptors, in both versions of its protocol, which differ in nothing but the package.
 * Source: grpc/reflection/v1/reflection.proto.
 */
import { status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import { conversation } from './calls.ts';
import type { DescriptorFile, DescriptorIndex } from './descriptors.ts';

interface ReflectionRequest {
  readonly host: string;
  readonly message_request?:
    | 'file_by_filename'
    | 'file_containing_symbol'
    | 'file_containing_extension'
    | 'all_extension_numbers_of_type'
    | 'list_services';
  readonly file_by_filename?: string;
  readonly file_containing_symbol?: string;
  readonly file_containing_extension?: {
    readonly containing_type: string;
    readonly extension_number: number;
  };
  readonly all_extension_numbers_of_type?: string;
}

interface ReflectionResponse {
  readonly valid_host?: string;
  readonly original_request?: ReflectionRequest;
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Uint8Array[] };
  readonly all_extension_numbers_response?: {
    readonly base_type_name: string;
    readonly extension_number: readonly number[];
  };
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly error_response?: { readonly error_code: number; readonly error_message: string };
}

/** Answers from `index`, listing the services that are in it. */
export function reflectionMethods(index: DescriptorIndex): UntypedServiceImplementation {
  return {
    ServerReflectionInfo: conversation(() => {
      const sent = new Set<string>();
      return (request: ReflectionRequest): ReflectionResponse => ({
        valid_host: request.host,
        original_request: request,
        ...answer(index, request, sent),
      });
    }),
  };
}

function answer(
  index: DescriptorIndex,
  request: ReflectionRequest,
  sent: Set<string>,
): ReflectionResponse {
  const { message_request: wanted } = request;
  if (wanted === undefined) return refusal(status.INVALID_ARGUMENT, 'the request asks for nothing');
  switch (wanted) {
    case 'list_services':
      return { list_services_response: { service: index.services.map((name) => ({ name })) } };
    case 'file_by_filename': {
      const name = request.file_by_filename ?? '';
      return files(index, index.files.get(name), name, sent);
    }
    case 'file_containing_symbol': {
      const name = request.file_containing_symbol ?? '';
      return files(index, index.symbols.get(name), name, sent);
    }
    case 'file_containing_extension': {
      const { containing_type: type = '', extension_number: number = 0 } =
        request.file_containing_extension ?? {};
      return files(index, index.extensions.get(type)?.get(number), `${type}(${number})`, sent);
    }
    case 'all_extension_numbers_of_type':
      return extensionNumbers(index, request.all_extension_numbers_of_type ?? '');
  }
}

/** The file and those it needs, the ones left out that this stream has brought already; the file itself always comes. */
function files(
  index: DescriptorIndex,
  file: DescriptorFile | undefined,
  wanted: string,
  sent: Set<string>,
): ReflectionResponse {
  if (file === undefined) return missing(wanted);
  const found = [file];
  sent.add(file.name);
  for (const { dependencies } of found) {
    for (const name of dependencies) {
      const dependency = index.files.get(name);
      if (dependency === undefined || sent.has(name)) continue;
      sent.add(name);
      found.push(dependency);
    }
  }
  return { file_descriptor_response: { file_descriptor_proto: found.map(({ bytes }) => bytes) } };
}

function extensionNumbers(index: DescriptorIndex, type: string): ReflectionResponse {
  if (!index.symbols.has(type)) return missing(type);
  const numbers = [...(index.extensions.get(type)?.keys() ?? [])];
  return { all_extension_numbers_response: { base_type_name: type, extension_number: numbers } };
}

function missing(wanted: string): ReflectionResponse {
  return refusal(status.NOT_FOUND, `${wanted} is not known here`);
}

function refusal(code: status, message: string): ReflectionResponse {
  return { error_response: { error_code: code, error_message: message } };
}
