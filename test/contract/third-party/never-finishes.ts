/** An inbound that is wrong, and must be found out: nobody hears how its calls have ended. */
import type { Handler } from '../../../src/call/types.ts';
import { OUR_HOSTS } from '../any-inbound/hosts.ts';
import { anyInboundContract } from '../any-inbound.ts';
import { linesAdapter } from './lines-adapter.ts';

function silent(handle: Handler): Handler {
  return (call) => {
    const reply = handle(call);
    call.observer = null;
    return reply;
  };
}

anyInboundContract(
  'lines without an observer',
  {
    ...linesAdapter,
    make: (environment) =>
      linesAdapter.make({ ...environment, handle: silent(environment.handle) }),
  },
  OUR_HOSTS,
);
