/** What a client of gRPC is told where it goes beyond a bound that its protocol has words for. */
import assert from 'node:assert/strict';
import { type RawGrpcAnswer, rawGrpcClient } from '../../support/raw-grpc-client.ts';
import { envelope } from '../../support/scripted-grpc.ts';
import { BOUND, boundPasses, type Cases, holdCalls } from './bound.ts';

const DEADLINE_EXCEEDED = '4';
const RESOURCE_EXHAUSTED = '8';
const UNAVAILABLE = '14';
const good = envelope({ name: 'good' });

function assertEnded({ httpStatus, end }: RawGrpcAnswer, status: string, detail: string): void {
  assert.deepEqual([httpStatus, end['grpc-status']], [200, status]);
  const details = Buffer.from(String(end['grpc-status-details-bin']), 'base64');
  assert.ok(details.includes(detail), `${detail} is not in ${details.toString('latin1')}`);
}

export const GRPC_CASES: Cases = {
  calls: {
    settings: { listen: { limits: { calls: 1 } } },
    run: async (t, harness) => {
      const { held, release } = holdCalls(harness);
      const client = rawGrpcClient(t, harness.gateway.port);
      const running = client.send('Get', good);
      await held;
      assertEnded(await client.send('Get', good), UNAVAILABLE, 'google.rpc.RetryInfo');
      release();
      assert.equal((await running).end['grpc-status'], '0');
    },
  },
  body: {
    settings: { listen: { limits: { body: BOUND } } },
    run: async (t, harness) => {
      const client = rawGrpcClient(t, harness.gateway.port);
      const { stream, answer } = client.open('Get');
      stream.write(good.subarray(0, 3));
      await boundPasses(harness);
      assertEnded(await answer, DEADLINE_EXCEEDED, 'PG_BODY_TIMEOUT');
      assert.equal((await client.send('Get', good)).end['grpc-status'], '0');
    },
  },
  body_bytes: {
    settings: { limits: { body: '1kb' } },
    run: async (t, harness) => {
      const client = rawGrpcClient(t, harness.gateway.port);
      const large = envelope({ name: 'x'.repeat(1_025) });
      assertEnded(await client.send('Get', large), RESOURCE_EXHAUSTED, 'PG_BODY_TOO_LARGE');
      assert.equal((await client.send('Get', good)).end['grpc-status'], '0');
    },
  },
};
