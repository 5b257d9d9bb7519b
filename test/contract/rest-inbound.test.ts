/** The REST inbound keeps the contract of inbounds, with streams as lines and as server-sent events. */
import { createRestInbound } from '../../src/protocols/rest/inbound.ts';
import { restClient, restEventsClient } from '../support/clients/rest.ts';
import { faultTables } from '../support/fault-tables.ts';
import type { InboundAdapter } from './any-inbound/adapter.ts';
import { OUR_HOSTS } from './any-inbound/hosts.ts';
import { anyInboundContract } from './any-inbound.ts';

const rest: InboundAdapter = {
  make: ({ routes, maxMessageBytes, ...rest }) =>
    createRestInbound({
      table: faultTables(routes, maxMessageBytes).http,
      // Of preflights alone.
      methods: () => undefined,
      ...rest,
    }),
  client: restClient,
  codec: 'json',
  // A body of nothing is an empty message, and one of unary calls is a single piece.
  capabilities: { missing: [], surplus: ['server_stream'], large: true },
};

anyInboundContract('REST', rest);
anyInboundContract(
  'REST with server-sent events',
  { ...rest, client: restEventsClient },
  OUR_HOSTS,
);
