/** What the toy's inbound brings to the contract. */
import type { InboundAdapter } from '../any-inbound/adapter.ts';
import { linesClient } from './lines-client.ts';
import { createLinesInbound } from './lines-inbound.ts';

export const linesAdapter: InboundAdapter = {
  make: createLinesInbound,
  client: linesClient,
  codec: 'proto',
  capabilities: {
    missing: ['unary', 'server_stream'],
    surplus: ['unary', 'server_stream'],
    large: true,
  },
};
