/** Server reflection: waits until the server is up, asks it for everything it serves, and trusts nothing that it says. */
import type * as GrpcJs from '@grpc/grpc-js';
import type { ChannelCredentials, Client, ClientDuplexStream } from '@grpc/grpc-js';
import { backoffMs } from '../lib/backoff.ts';
import type { Collected } from './collected.ts';
import { collectDescriptors } from './descriptors.ts';
import { reasonOf, SchemaError } from './error.ts';
import { ReflectionFailure, ReflectionStream } from './reflection-stream.ts';
import { walkReflection } from './reflection-walk.ts';
import type { ReflectedFiles } from './reflection-walk.ts';
import type { ReflectionSource, SchemaEnvironment } from './source.ts';

/**
 * Bounds against a server that is wrong or hostile: googleapis as a whole has 8,000 files of 60 MB; an answer is a lookup in memory, so ten
 * seconds mean that none will come.
 */
const LIMITS = {
  maxFiles: 10_000,
  maxServices: 10_000,
  maxBytes: 64 * 1024 * 1024,
  answerMs: 10_000,
  /** At about 1.4 KB each in memory. Googleapis as a whole has as many; one server serves a small part of it. */
  maxDeclarations: 300_000,
} as const;

/** Soon enough for a service that starts beside the gateway, and no load on one that stays away. */
const RETRY = { baseMs: 250, maxMs: 5_000 } as const;

const VERSIONS = ['grpc.reflection.v1', 'grpc.reflection.v1alpha'] as const;
/** google.rpc.Code. */
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

type Grpc = typeof GrpcJs;

/** Rejects with a {@link SchemaError}; a server that is not up is tried again as the environment says. */
export async function collectReflection(
  source: ReflectionSource,
  environment: SchemaEnvironment,
): Promise<Collected> {
  // Late: grpc-js costs 60 ms of a start that other sources need not pay here.
  const grpc = await import('@grpc/grpc-js');
  const reflected = await untilUp(source.address, environment, () =>
    readAny(grpc, source, environment),
  );
  return collectDescriptors({
    origin: `reflection of ${source.address}`,
    files: reflected.files,
    searched: 'the server and the files that come along',
    warnings: reflected.warnings.map((warning) => `reflection of ${source.address}: ${warning}`),
    maxDeclarations: LIMITS.maxDeclarations,
    exposes: (service) => reflected.services.has(service),
  });
}

/** No connection, as opposed to a server that answers wrongly: worth another try. */
class NotUp extends Error {}

async function untilUp<Result>(
  address: string,
  environment: SchemaEnvironment,
  run: () => Promise<Result>,
): Promise<Result> {
  const { maxAttempts = Infinity, signal } = environment;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(address, signal);
    try {
      return await run();
    } catch (thrown) {
      throwIfAborted(address, signal);
      if (!(thrown instanceof NotUp)) throw failure(address, reasonOf(thrown), thrown);
      if (attempt >= maxAttempts)
        throw failure(address, `the server is not up: ${thrown.message}`, thrown);
      const delayMs = backoffMs(attempt, RETRY, environment.random);
      environment.onRetry?.({ attempt, delayMs, reason: thrown.message });
      await pause(delayMs, environment);
    }
  }
}

function failure(address: string, message: string, cause?: unknown): SchemaError {
  return new SchemaError([{ message: `reflection of ${address}: ${message}` }], { cause });
}

function throwIfAborted(address: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw failure(address, 'stopped waiting for the server', signal.reason);
}

/** Ends early when the signal fires; the caller looks at it. */
function pause(delayMs: number, { clock, signal }: SchemaEnvironment): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
    if (signal?.aborted === true) done();
  });
}

/** From the first server that is up. */
async function readAny(
  grpc: Grpc,
  { otherAddresses = [], ...source }: ReflectionSource,
  environment: SchemaEnvironment,
): Promise<ReflectedFiles> {
  let first: NotUp | undefined;
  for (const address of [source.address, ...otherAddresses]) {
    if (environment.signal?.aborted === true) break;
    try {
      return await readOnce(grpc, { ...source, address }, environment);
    } catch (thrown) {
      if (!(thrown instanceof NotUp)) throw thrown;
      first ??= thrown;
    }
  }
  throw first ?? new NotUp('stopped');
}

async function readOnce(
  grpc: Grpc,
  source: ReflectionSource,
  environment: SchemaEnvironment,
): Promise<ReflectedFiles> {
  const client = newClient(grpc, source);
  try {
    for (const version of VERSIONS) {
      const files = await readVersion({ grpc, client, source, environment }, version);
      if (files !== undefined) return files;
    }
  } finally {
    client.close();
  }
  throw new Error(
    'the server has neither grpc.reflection.v1 nor v1alpha; give its schema as protos or descriptorSet',
  );
}

interface Connection {
  readonly grpc: Grpc;
  readonly client: Client;
  readonly source: ReflectionSource;
  readonly environment: SchemaEnvironment;
}

/** Undefined where the server does not have this version. */
async function readVersion(
  connection: Connection,
  version: (typeof VERSIONS)[number],
): Promise<ReflectedFiles | undefined> {
  const { environment } = connection;
  const stream = new ReflectionStream(startCall(connection, version), environment.clock, LIMITS);
  const onAbort = (): void => stream.close();
  environment.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    return await walkReflection((question) => stream.ask(question), LIMITS);
  } catch (thrown) {
    if (!(thrown instanceof ReflectionFailure)) throw thrown;
    if (thrown.answers > 0) {
      throw new Error(`broke off after ${thrown.answers} answers: ${thrown.message}`, {
        cause: thrown,
      });
    }
    if (thrown.code === UNIMPLEMENTED) return undefined;
    if (thrown.code === UNAVAILABLE || !isConnected(connection)) throw new NotUp(thrown.message);
    throw thrown;
  } finally {
    environment.signal?.removeEventListener('abort', onAbort);
    stream.close();
  }
}

function startCall(
  { grpc, client, source }: Connection,
  version: string,
): ClientDuplexStream<Buffer, Buffer> {
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(source.metadata ?? {})) metadata.set(name, value);
  const raw = (bytes: Buffer): Buffer => bytes;
  return client.makeBidiStreamRequest(
    `/${version}.ServerReflection/ServerReflectionInfo`,
    raw,
    raw,
    metadata,
  );
}

function isConnected({ grpc, client }: Connection): boolean {
  return client.getChannel().getConnectivityState(false) === grpc.connectivityState.READY;
}

function newClient(grpc: Grpc, source: ReflectionSource): Client {
  const serverName = source.tls?.serverName;
  return new grpc.Client(source.address, credentialsOf(grpc, source), {
    'grpc.max_receive_message_length': LIMITS.maxBytes,
    // A shared subchannel would keep its own, longer backoff between our tries.
    'grpc.use_local_subchannel_pool': 1,
    // The server is where the configuration says, whatever http_proxy is in the environment.
    'grpc.enable_http_proxy': 0,
    ...(serverName === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': serverName, 'grpc.default_authority': serverName }),
  });
}

function credentialsOf(grpc: Grpc, { tls }: ReflectionSource): ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  const { ca, cert, key } = tls;
  return grpc.credentials.createSsl(pem(ca), pem(key), pem(cert));
}

function pem(bytes: Uint8Array | undefined): Buffer | null {
  return bytes === undefined ? null : Buffer.from(bytes);
}
