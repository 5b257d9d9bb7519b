/** grpc-js with proto-loader. */
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  type InputRequest,
  type OutputRequest,
  PROTOS,
  type SimpleRequest,
  zeros,
} from '../messages.ts';
import type { Peer, PeerOptions } from './peer.ts';

type Call<Request> = grpc.ServerWritableStream<Request, unknown>;

export async function startGrpcJs({ pair }: PeerOptions): Promise<Peer> {
  const definition = loadSync('grpc/testing/test.proto', { includeDirs: [PROTOS] });
  const server = new grpc.Server();
  // The methods of a service without an implementation answer UNIMPLEMENTED.
  server.addService(definition['grpc.testing.TestService'] as grpc.ServiceDefinition, {
    emptyCall: (_: unknown, respond: grpc.sendUnaryData<object>) => respond(null, {}),
    unaryCall,
    streamingOutputCall(call: Call<OutputRequest>) {
      writeAll(call, call.request);
      call.end();
    },
    streamingInputCall(
      call: grpc.ServerReadableStream<InputRequest, unknown>,
      respond: grpc.sendUnaryData<object>,
    ) {
      let sum = 0;
      call.on('data', ({ payload }: InputRequest) => (sum += payload?.body?.length ?? 0));
      call.on('end', () => respond(null, { aggregatedPayloadSize: sum }));
    },
    fullDuplexCall,
  });
  const secure = grpc.ServerCredentials.createSsl(null, [
    { cert_chain: pair.cert, private_key: pair.key },
  ]);
  return {
    name: 'grpc-js',
    plain: await bind(server, grpc.ServerCredentials.createInsecure()),
    tls: await bind(server, secure),
    features: [],
    close: () => server.forceShutdown(),
  };
}

function bind(server: grpc.Server, credentials: grpc.ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

const unaryCall: grpc.handleUnaryCall<SimpleRequest, unknown> = (call, respond) => {
  const { responseStatus, responseSize = 0 } = call.request;
  const trailers = echo(call);
  if (responseStatus?.code) {
    const name = grpc.status[responseStatus.code] as keyof typeof grpc.status;
    respond({ code: grpc.status[name], details: responseStatus.message ?? '' });
    return;
  }
  respond(null, { payload: zeros(responseSize) }, trailers);
};

const fullDuplexCall: grpc.handleBidiStreamingCall<OutputRequest, unknown> = (call) => {
  const trailers = echo(call);
  call.on('data', (request: OutputRequest) => {
    const { responseStatus } = request;
    if (responseStatus?.code) {
      call.emit('error', { code: responseStatus.code, details: responseStatus.message ?? '' });
      return;
    }
    writeAll(call, request);
  });
  call.on('end', () => call.end(trailers));
};

function writeAll(
  call: { write(message: object): boolean },
  { responseParameters }: OutputRequest,
): void {
  for (const { size = 0 } of responseParameters ?? []) call.write({ payload: zeros(size) });
}

/** Sends the initial metadata that is asked for; returns the trailing one. */
function echo(
  call: grpc.ServerUnaryCall<unknown, unknown> | grpc.ServerDuplexStream<unknown, unknown>,
): grpc.Metadata {
  const head = new grpc.Metadata();
  const trailers = new grpc.Metadata();
  for (const value of call.metadata.get('x-grpc-test-echo-initial')) {
    head.add('x-grpc-test-echo-initial', value);
  }
  for (const value of call.metadata.get('x-grpc-test-echo-trailing-bin')) {
    trailers.add('x-grpc-test-echo-trailing-bin', value);
  }
  call.sendMetadata(head);
  return trailers;
}
