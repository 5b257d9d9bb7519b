/** gRPC to gRPC with @grpc/grpc-js: a server whose handlers call a client. Arguments: its port and the port of the service. */
import { once } from 'node:events';
import { credentials, Server, ServerCredentials } from '@grpc/grpc-js';
import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { type Plain, service, shopClient } from '../lib/proto.ts';

type Method = (request: Plain, callback: (error: Error | null, answer?: Plain) => void) => unknown;

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const Client = shopClient();
const client = new Client(`127.0.0.1:${upstreamPort}`, credentials.createInsecure());

const getItem: handleUnaryCall<Plain, Plain> = ({ request }, callback) => {
  (client['GetItem'] as Method).call(client, request, callback);
};
const handlers: UntypedServiceImplementation = { GetItem: getItem };
const server = new Server();
server.addService({ GetItem: service['GetItem'] } as typeof service, handlers);
await new Promise<void>((resolve, reject) => {
  server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) =>
    error === null ? resolve() : reject(error),
  );
});
await once(process, 'SIGTERM');
process.exit();
