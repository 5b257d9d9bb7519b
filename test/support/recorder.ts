/** A gRPC service on grpc-js and proto-loader, neither of which the gateway's own code touches here: it records what arrives and answers as told. */
import { once } from 'node:events';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

export interface Recorded {
  /** The name of the method, as `Echo`. */
  readonly rpc: string;
  /** As proto-loader reads them: proto names, no defaults, enums by name, 64-bit integers as text, bytes in base64. */
  readonly messages: readonly unknown[];
}

export interface Recorder {
  readonly port: number;
  readonly calls: Recorded[];
  /** What the next calls are answered with, in the form in which messages are recorded. */
  answer: object;
  close(): void;
}

/** Serves vectors.v1.Vectors on a free port of the loopback. */
export async function startRecorder(): Promise<Recorder> {
  const definition = loadSync('vectors/v1/vectors.proto', {
    includeDirs: [
      new URL('protos', import.meta.url).pathname,
      new URL('../../protos', import.meta.url).pathname,
    ],
    keepCase: true,
    longs: String,
    enums: String,
    bytes: String,
  });
  const service = definition['vectors.v1.Vectors'] as grpc.ServiceDefinition;
  const server = new grpc.Server();
  const recorder: { calls: Recorded[]; answer: object } = { calls: [], answer: {} };
  const handlers: grpc.UntypedServiceImplementation = {};
  for (const [rpc, method] of Object.entries(service)) {
    handlers[rpc] = method.requestStream ? streaming(rpc, recorder) : unary(rpc, recorder);
  }
  server.addService(service, handlers);
  const credentials = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return Object.assign(recorder, { port, close: () => server.forceShutdown() });
}

type Records = Pick<Recorder, 'calls' | 'answer'>;

function unary(rpc: string, recorder: Records): grpc.handleUnaryCall<unknown, unknown> {
  return (call, respond) => {
    recorder.calls.push({ rpc, messages: [plain(call.request)] });
    respond(null, recorder.answer);
  };
}

function streaming(
  rpc: string,
  recorder: Records,
): grpc.handleClientStreamingCall<unknown, unknown> {
  return (call, respond) => {
    const messages: unknown[] = [];
    recorder.calls.push({ rpc, messages });
    call.on('data', (message) => messages.push(plain(message)));
    void once(call, 'end').then(() => respond(null, recorder.answer));
  };
}

function plain(message: unknown): unknown {
  return JSON.parse(JSON.stringify(message));
}
