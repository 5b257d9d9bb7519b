/** Requests that are refused before the service hears of them, as tests of a protocol list them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRecovers, startFaultGateway } from './fault-gateway.ts';
import type { RawAnswer } from './raw-http.ts';
import { envelope } from './scripted-grpc.ts';

export interface Bad {
  readonly name: string;
  readonly verb?: string;
  readonly method?: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default 200 for what is told in the body or by grpc-status. */
  readonly status?: number;
  /** The number of gRPC. */
  readonly code: number;
  /** As Connect names it. */
  readonly word: string;
  readonly says: RegExp;
}

const good = envelope({ name: 'good' });

export const BASE = { name: '', code: 0, word: '', says: /./ };

/** The service sees nothing of it, and the next call is well. */
export function refused(bad: Bad, send: Bad, check: (answer: RawAnswer) => void): void {
  test(bad.name, async (t) => {
    const harness = await startFaultGateway(t, { limits: { body: '100kb', message: '100kb' } });
    const {
      verb = 'POST',
      method = 'Watch',
      body = good,
      type = '',
      headers,
    } = { ...send, ...bad };
    const target = method.startsWith('/') ? method : `/fault.v1.Fault/${method}`;
    const answer = await harness.send(verb, target, {
      headers: { 'content-type': type, ...headers },
      body,
    });
    check(answer);
    assert.equal(harness.peer.calls, 0);
    await assertRecovers(harness);
  });
}
