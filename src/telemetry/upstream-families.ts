/** The metrics of connections to services, by upstream and endpoint. */
import type { EndpointNumbers } from './endpoint-numbers.ts';
import type { Family } from './family.ts';

export interface UpstreamEndpoint {
  readonly upstream: string;
  readonly endpoint: string;
  readonly numbers: EndpointNumbers;
}

type Row = readonly [labels: Readonly<Record<string, string>>, value: number];

export const UPSTREAM_FAMILIES: readonly Family<UpstreamEndpoint>[] = [
  family('connections', 'gauge', 'Open connections, those that drain included.', (of) => [
    [{}, of.connections],
  ]),
  family('connects_total', 'counter', 'Tries to connect, by how they went.', (of) => [
    [{ result: 'ok' }, of.connectionsMade],
    [{ result: 'failed' }, of.connectionsFailed],
  ]),
  family('streams', 'gauge', 'Open streams, one for each call at the service.', (of) => [
    [{}, of.streams],
  ]),
  family('streams_total', 'counter', 'Streams that were opened.', (of) => [[{}, of.streamsOpened]]),
  family('queued', 'gauge', 'Calls that wait for a connection or a stream.', (of) => [
    [{}, of.queued],
  ]),
  family('refused_total', 'counter', 'Calls that got no connection and no stream.', (of) => [
    [{}, of.refused],
  ]),
  family(
    'aborted_streams_total',
    'counter',
    'Streams that the service reset, that were lost with their connection, or that broke the protocol.',
    (of) => [
      [{ cause: 'reset' }, of.resets],
      [{ cause: 'lost' }, of.lost],
      [{ cause: 'violation' }, of.violations],
    ],
  ),
  family('pings_total', 'counter', 'PINGs that were sent.', (of) => [[{}, of.pings]]),
  family('bytes_total', 'counter', 'Bytes on the connections.', (of) => [
    [{ direction: 'sent' }, of.bytesSent],
    [{ direction: 'received' }, of.bytesReceived],
  ]),
];

function family(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  rows: (numbers: EndpointNumbers) => Row[],
): Family<UpstreamEndpoint> {
  return {
    name: `polygate_upstream_${name}`,
    help,
    type,
    samples: (all) =>
      Array.from(all).flatMap(({ upstream, endpoint, numbers }) =>
        rows(numbers).map(([labels, value]) => ({
          labels: { upstream, endpoint, ...labels },
          value,
        })),
      ),
  };
}
