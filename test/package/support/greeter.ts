/** What a new user has: a folder with a proto file and a configuration, and a gRPC service that runs somewhere. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackageDefinition, Server, ServerCredentials } from '@grpc/grpc-js';
import type { GrpcObject, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Greeter {
  readonly address: string;
  close(): void;
}

const PROTO = `syntax = "proto3";

package greeter.v1;

import "google/api/annotations.proto";

service Greeter {
  rpc Greet(GreetRequest) returns (Greeting) {
    option (google.api.http) = { get: "/v1/greetings/{name}" };
  }
}

message GreetRequest {
  string name = 1;
}

message Greeting {
  string text = 1;
}
`;

function configOf(address: string): string {
  return `import { defineConfig } from 'polygate';

export default defineConfig({
  listen: { port: 0 },
  admin: { host: '127.0.0.1', port: 0 },
  upstreams: {
    greeter: {
      protocol: 'grpc',
      endpoints: ['${address}'],
      schema: { protos: ['protos/greeter.proto'], importPaths: ['protos'] },
    },
  },
  routes: [{ services: ['greeter.v1.Greeter'], upstream: 'greeter' }],
});
`;
}

/** Writes gateway.config.ts and protos/greeter.proto, without the google files that the latter imports. */
export function writeUserFiles(folder: string, address: string): void {
  mkdirSync(join(folder, 'protos'), { recursive: true });
  writeFileSync(join(folder, 'protos/greeter.proto'), PROTO);
  writeFileSync(join(folder, 'gateway.config.ts'), configOf(address));
}

/** The service, on grpc-js and proto-loader alone. `protos` has greeter.proto, `bundled` the google files. */
export async function startGreeter(protos: string, bundled: string): Promise<Greeter> {
  const definition = loadSync('greeter.proto', { includeDirs: [protos, bundled] });
  const { greeter } = loadPackageDefinition(definition) as unknown as {
    greeter: { v1: GrpcObject & { Greeter: ServiceClientConstructor } };
  };
  const server = new Server();
  server.addService(greeter.v1.Greeter.service, {
    greet: (
      call: { readonly request: { readonly name: string } },
      answer: (error: null, greeting: { text: string }) => void,
    ) => answer(null, { text: `Hello, ${call.request.name}` }),
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { address: `127.0.0.1:${port}`, close: () => server.forceShutdown() };
}
