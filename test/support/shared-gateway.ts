/** One gateway for all tests of a suite, where starting one for each would cost more than what they do. */
import { after, before } from 'node:test';
import type { GatewayConfig } from 'polygate';
import { type FaultGateway, startFaultGateway } from './fault-gateway.ts';

/** Called within `describe`; what comes back gives the gateway once its tests run. */
export function shareFaultGateway(settings: Partial<GatewayConfig>): () => FaultGateway {
  const closing: unknown[] = [];
  let harness: FaultGateway | null = null;
  before(async () => {
    harness = await startFaultGateway({ after: (close) => void closing.push(close) }, settings);
  });
  after(async () => {
    for (const close of closing) await (close as () => Promise<void>)();
  });
  return () => {
    if (harness === null) throw new Error('the gateway is there when tests run');
    return harness;
  };
}
