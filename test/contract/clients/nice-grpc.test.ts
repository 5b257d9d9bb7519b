/** nice-grpc, and nice-grpc-web over its two transports: fetch and the client of Node. */
import { ChannelCredentials, createChannel, createClientFactory } from 'nice-grpc';
import * as web from 'nice-grpc-web';
import { faultDefinition } from '../../support/fault-definition.ts';
import { clientCases } from './cases.ts';
import { type NiceClient, niceClient, niceMiddleware } from './nice.ts';
import { type Subject, urlOf } from './types.ts';

const LACKS = {
  'deadlines on the wire': 'it has a middleware that ends calls, and says nothing to the server',
} as const;

const definition = faultDefinition();
const webDefinition = Object.fromEntries(
  Object.entries(definition).map(([name, method]) => [name, { ...method, options: {} }]),
) as web.ServiceDefinition;

function grpc(tls: boolean): Subject {
  return {
    name: `nice-grpc, ${tls ? 'TLS' : 'plain'}`,
    protocol: 'grpc',
    tls,
    lacks: LACKS,
    open(target) {
      const credentials = tls ? ChannelCredentials.createSsl(Buffer.from(target.ca)) : undefined;
      const channel = createChannel(urlOf(target), credentials);
      const client = createClientFactory().use(niceMiddleware).create(definition, channel);
      return niceClient(client as unknown as NiceClient, () => channel.close());
    },
  };
}

function grpcWeb(name: string, transport: () => web.Channel['transport']): Subject[] {
  return [false, true].map((tls) => ({
    name: `nice-grpc-web, ${name}, ${tls ? 'TLS' : 'plain'}`,
    protocol: 'grpc-web',
    tls,
    lacks: { ...LACKS, 'full duplex': 'HTTP/1.1 of Node answers behind the request' },
    open(target) {
      const channel = web.createChannel(urlOf(target), transport());
      const client = web.createClientFactory().use(niceMiddleware).create(webDefinition, channel);
      return niceClient(client as unknown as NiceClient);
    },
  }));
}

clientCases([
  ...[false, true].map(grpc),
  ...grpcWeb('fetch', web.FetchTransport),
  ...grpcWeb('node:http', web.NodeHttpTransport),
]);
