/** The inbounds of Connect keep the contract of inbounds: unary calls, their GET, and streams. */
import type { Inbound } from '../../src/call/types.ts';
import { createConnectStreamInbound } from '../../src/protocols/connect/stream-inbound.ts';
import { createConnectUnaryInbound } from '../../src/protocols/connect/unary-inbound.ts';
import { connectClient, connectGetClient } from '../support/clients/connect.ts';
import { faultTables } from '../support/fault-tables.ts';
import type { InboundAdapter, InboundEnvironment } from './any-inbound/adapter.ts';
import { OUR_HOSTS } from './any-inbound/hosts.ts';
import { anyInboundContract } from './any-inbound.ts';

/** As the gateway asks them: the first that matches serves. */
function make({ routes, maxMessageBytes, ...rest }: InboundEnvironment): Inbound {
  const options = { table: faultTables(routes, maxMessageBytes).rpc, ...rest };
  const inbounds = [createConnectStreamInbound(options), createConnectUnaryInbound(options)];
  return {
    match: (head) => inbounds.some((inbound) => inbound.match(head)),
    serve: (exchange) => inbounds.find((inbound) => inbound.match(exchange.head))?.serve(exchange),
  };
}

const connect: InboundAdapter = {
  make,
  client: connectClient,
  codec: 'proto',
  // The body of a unary call is its message, and one of nothing is an empty message.
  capabilities: { missing: ['server_stream'], surplus: ['server_stream'], large: true },
};
const json: InboundAdapter = {
  ...connect,
  codec: 'json',
  // No text is no JSON.
  capabilities: { ...connect.capabilities, missing: ['unary', 'server_stream'] },
};
const get: InboundAdapter = {
  ...connect,
  client: connectGetClient,
  capabilities: { missing: [], surplus: [], large: false },
  methods: { unary: 'Get' },
};

anyInboundContract('Connect', connect);
anyInboundContract('Connect with JSON', json, OUR_HOSTS);
anyInboundContract('Connect GET', get);
