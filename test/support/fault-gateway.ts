/** A gateway in front of a scripted peer, on a clock that the test moves. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { createGateway, type Gateway, type GatewayConfig } from 'polygate';
import { ManualClock } from './manual-clock.ts';
import { memoryLog, type MemoryLog } from './memory-log.ts';
import { type RawAnswer, rawRequest, request, type RequestOptions } from './raw-http.ts';
import { echo, type ScriptedGrpc, startScriptedGrpc } from './scripted-grpc.ts';

export interface FaultGateway {
  readonly gateway: Gateway;
  readonly peer: ScriptedGrpc;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  send(verb: string, target: string, options?: RequestOptions): Promise<RawAnswer>;
  sendRaw(bytes: string | Uint8Array, halfClose?: boolean): Promise<RawAnswer>;
}

/** Both ends are closed behind the test. `settings` go to the top of the configuration, `route` to the one route. */
export async function startFaultGateway(
  t: Pick<TestContext, 'after'>,
  settings: Partial<GatewayConfig> = {},
  route: Partial<GatewayConfig['routes'][number]> = {},
): Promise<FaultGateway> {
  const peer = await startScriptedGrpc();
  const clock = new ManualClock();
  const log = memoryLog();
  const gateway = await createGateway(
    {
      admin: false,
      ...settings,
      listen: { ...settings.listen, port: 0 },
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${peer.port}`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: ['fault.v1.Fault'], upstream: 'peer', ...route }],
    },
    { clock, log, baseDir: new URL('protos', import.meta.url).pathname },
  );
  t.after(async () => {
    await gateway.close(true);
    await peer.close();
  });
  return {
    gateway,
    peer,
    clock,
    log,
    send: (verb, target, options) => rawRequest(gateway.port, request(verb, target, options)),
    sendRaw: (bytes, halfClose = false) => rawRequest(gateway.port, bytes, { halfClose }),
  };
}

/** The stable reason in an error body, or undefined where the service answered itself. */
export function reasonOf(answer: RawAnswer): string | undefined {
  const { details } = JSON.parse(answer.body) as {
    details?: { '@type': string; reason?: string }[];
  };
  return details?.find((detail) => detail['@type'].endsWith('google.rpc.ErrorInfo'))?.reason;
}

/** How often each bound has stopped something, as the admin port tells it; it has to be among the settings. */
export async function stoppedBy({ gateway }: FaultGateway): Promise<Record<string, number>> {
  assert.notEqual(gateway.adminPort, null, 'metrics are on the admin port');
  const { body } = await rawRequest(Number(gateway.adminPort), request('GET', '/metrics'));
  const lines = body.matchAll(/^polygate_limits_total\{limit="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries(Array.from(lines, ([, limit, times]) => [limit, Number(times)]));
}

/** The next good call succeeds, and is the only one that the service got meanwhile. */
export async function assertRecovers(harness: FaultGateway): Promise<void> {
  harness.peer.script = echo;
  const before = harness.peer.calls;
  const answer = await harness.send('GET', '/v1/items/good');
  assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'good' }]);
  assert.equal(harness.peer.calls, before + 1);
}

/** A round trip through the gateway: what was on its way has arrived when it is back. */
export async function flush({ gateway }: FaultGateway): Promise<RawAnswer> {
  return rawRequest(gateway.port, request('GET', '/nowhere'));
}

export interface StreamReader {
  /** Resolves once `text` has arrived. */
  until(text: string): Promise<void>;
  /** All that came, once the last chunk or the end of the connection has. */
  readonly ended: Promise<string>;
}

/** Reads a streamed answer as it comes. */
export function openStream(
  { gateway }: FaultGateway,
  target: string,
  headers: Record<string, string> = {},
): StreamReader {
  const socket = connect(gateway.port, '127.0.0.1');
  let text = '';
  const ended = Promise.withResolvers<string>();
  let look = (): void => {};
  socket.on('data', (chunk) => {
    text += chunk.toString('utf8');
    look();
    if (!text.endsWith('\r\n0\r\n\r\n')) return;
    ended.resolve(text);
    socket.destroy();
  });
  socket.on('close', () => ended.resolve(text));
  socket.write(request('GET', target, { headers }));
  return {
    ended: ended.promise,
    until: (wanted) =>
      new Promise((resolve) => {
        look = () => {
          if (text.includes(wanted)) resolve();
        };
        look();
      }),
  };
}
