/** An inbound that is wrong, and must be found out: for its clients every stream ends well. */
import { OK } from '../../../src/call/status.ts';
import type { Handler } from '../../../src/call/types.ts';
import { OUR_HOSTS } from '../any-inbound/hosts.ts';
import { anyInboundContract } from '../any-inbound.ts';
import { linesAdapter } from './lines-adapter.ts';

function swallowing(handle: Handler): Handler {
  return async (call) => {
    const reply = await handle(call);
    return reply.end instanceof Promise ? { ...reply, end: reply.end.then(() => OK) } : reply;
  };
}

anyInboundContract(
  'lines without late errors',
  {
    ...linesAdapter,
    make: (environment) =>
      linesAdapter.make({ ...environment, handle: swallowing(environment.handle) }),
  },
  OUR_HOSTS,
);
