/** An outbound that is wrong, and must be found out: whatever the service says at the end, it was OK. */
import { OK } from '../../../src/call/status.ts';
import { anyOutboundContract } from '../any-outbound.ts';
import { createLinesOutbound } from './lines-outbound.ts';
import { startLinesPeer } from './lines-peer.ts';

anyOutboundContract('lines without statuses', {
  make: (endpoint, settings) => {
    const outbound = createLinesOutbound(endpoint, settings);
    return {
      async send(attempt) {
        return { ...(await outbound.send(attempt)), end: OK };
      },
      close: () => outbound.close(),
    };
  },
  startPeer: startLinesPeer,
  capabilities: { opensEarly: false, trailers: true },
});
