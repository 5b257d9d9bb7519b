/** A gateway in front of a scripted peer, on a clock that the test moves. */
import type { TestContext } from 'node:test';
import { createGateway, type Gateway, type GatewayConfig } from 'polygate';
import { ManualClock } from './manual-clock.ts';
import { memoryLog, type MemoryLog } from './memory-log.ts';
import { type RawAnswer, rawRequest, request, type RequestOptions } from './raw-http.ts';
import { type ScriptedGrpc, startScriptedGrpc } from './scripted-grpc.ts';

export interface FaultGateway {
  readonly gateway: Gateway;
  readonly peer: ScriptedGrpc;
  readonly clock: ManualClock;
  readonly log: MemoryLog;
  send(verb: string, target: string, options?: RequestOptions): Promise<RawAnswer>;
  sendRaw(bytes: string | Uint8Array, halfClose?: boolean): Promise<RawAnswer>;
}

/** Both ends are closed behind the test. `settings` go to the top of the configuration. */
export async function startFaultGateway(
  t: TestContext,
  settings: Partial<GatewayConfig> = {},
): Promise<FaultGateway> {
  const peer = await startScriptedGrpc();
  const clock = new ManualClock();
  const log = memoryLog();
  const gateway = await createGateway(
    {
      ...settings,
      listen: { port: 0 },
      admin: false,
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${peer.port}`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: ['fault.v1.Fault'], upstream: 'peer' }],
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
