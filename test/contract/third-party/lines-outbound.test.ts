/** An outbound of somebody else, written from the types and classes of src/call alone, keeps the contract of outbounds. */
import { anyOutboundContract } from '../any-outbound.ts';
import { createLinesOutbound } from './lines-outbound.ts';
import { startLinesPeer } from './lines-peer.ts';

anyOutboundContract('lines, a toy', {
  make: createLinesOutbound,
  startPeer: startLinesPeer,
  capabilities: { opensEarly: false, trailers: true },
});
