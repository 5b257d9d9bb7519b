/** The REST outbound keeps the contract of outbounds over each of its transports, against node:http and node:http2. */
import { makeCertificates } from '../support/certificates.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';
import { anyOutboundContract } from './any-outbound.ts';
import { startHttpPeer } from './any-outbound/http-peer.ts';

const { ca, server } = makeCertificates();

for (const [name, http, tls] of [
  ['HTTP/1.1', '1.1', undefined],
  ['HTTP/1.1 and TLS', '1.1', { ca, serverName: 'service.test' }],
  ['HTTP/2 with prior knowledge', '2', undefined],
  ['HTTP/2 and TLS', '2', { ca, serverName: 'service.test' }],
] as const) {
  anyOutboundContract(`REST over ${name}`, {
    make: (endpoint, settings) => makeRestOutbound(endpoint, { ...settings, http, tls }),
    startPeer: () => startHttpPeer({ http, tls: tls && server }),
    // The path of a request is bound from its first message.
    capabilities: { opensEarly: false, trailers: true },
  });
}
