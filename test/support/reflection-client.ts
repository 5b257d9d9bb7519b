/** A client of server reflection by grpc-js: one stream, one answer for each question. */
import { fileURLToPath } from 'node:url';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** ServerReflectionResponse as proto-loader reads it. */
export interface Reflected {
  readonly valid_host: string;
  readonly original_request: Record<string, unknown>;
  readonly message_response: string;
  readonly file_descriptor_response?: { readonly file_descriptor_proto: readonly Buffer[] };
  readonly all_extension_numbers_response?: {
    readonly base_type_name: string;
    readonly extension_number: readonly number[];
  };
  readonly list_services_response?: { readonly service: readonly { readonly name: string }[] };
  readonly error_response?: { readonly error_code: number; readonly error_message: string };
}

export type Version = 'v1' | 'v1alpha';

type Stream = grpc.ClientDuplexStream<Record<string, unknown>, Reflected>;

export interface ReflectionTalk {
  readonly stream: Stream;
  readonly ask: (question: Record<string, unknown>) => Promise<Reflected>;
  /** How the stream has ended. */
  readonly status: Promise<grpc.StatusObject>;
  readonly close: () => void;
}

export function talk(port: number, version: Version): ReflectionTalk {
  const client = clientOf(port, version);
  const stream = client.ServerReflectionInfo();
  const status = new Promise<grpc.StatusObject>((resolve) => stream.once('status', resolve));
  stream.on('error', () => {});
  return {
    stream,
    status,
    ask: (question) =>
      new Promise((resolve, reject) => {
        const failed = (error: Error): void => reject(error);
        stream.once('error', failed);
        stream.once('data', (answer: Reflected) => {
          stream.off('error', failed);
          resolve(answer);
        });
        stream.write(question);
      }),
    close: () => client.close(),
  };
}

function clientOf(
  port: number,
  version: Version,
): grpc.Client & { ServerReflectionInfo(): Stream } {
  const definition = loadSync(`grpc/reflection/${version}/reflection.proto`, {
    includeDirs: [fileURLToPath(new URL('../../protos', import.meta.url))],
    keepCase: true,
    oneofs: true,
  });
  const service = definition[`grpc.reflection.${version}.ServerReflection`];
  const Client = grpc.makeGenericClientConstructor(service as grpc.ServiceDefinition, 'reflection');
  const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  return client as unknown as grpc.Client & { ServerReflectionInfo(): Stream };
}
