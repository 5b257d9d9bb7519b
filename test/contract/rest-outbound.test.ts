/** The REST outbound keeps the contract of outbounds, against node:http. */
import { makeRestOutbound } from '../support/rest-outbound.ts';
import { anyOutboundContract } from './any-outbound.ts';
import { startHttpPeer } from './any-outbound/http-peer.ts';

anyOutboundContract('REST', {
  make: makeRestOutbound,
  startPeer: startHttpPeer,
  // The path of a request is bound from its first message.
  capabilities: { opensEarly: false, trailers: true },
});
