import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayConfig } from '../../../src/config/define.ts';
import { makePlan } from '../../../src/config/plan.ts';

const SMALLEST: GatewayConfig = {
  upstreams: {
    a: { protocol: 'grpc', endpoints: ['127.0.0.1:50051'], schema: { reflection: true } },
  },
  routes: [{ services: '*', upstream: 'a' }],
};

test('reflection is as it was said, or left to where the gateway listens', () => {
  assert.equal(makePlan({ ...SMALLEST, reflection: true }, '/').reflection, true);
  assert.equal(makePlan({ ...SMALLEST, reflection: false }, '/').reflection, false);
});
