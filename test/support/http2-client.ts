/** A request over our own HTTP/2 client whose listener writes down what it hears. */
import type { TestContext } from 'node:test';
import { GatewayError } from '../../src/call/error.ts';
import type { OutgoingStream, StreamListener, Transport } from '../../src/call/transport.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { createHttp2Transport } from '../../src/upstream/http2-transport.ts';
import { connectionSettings } from './connections.ts';

export interface Heard {
  readonly heads: (readonly string[])[];
  readonly body: Buffer[];
  /** Undefined at a proper end, else the failure. */
  readonly ended: Promise<GatewayError | undefined>;
  readonly stream: OutgoingStream;
}

export interface TestClient {
  readonly transport: Transport;
  /** Whether what arrives is given back to the window of its stream. */
  credits: boolean;
  /** A GET with these headers behind its pseudo-headers; half-closed at once unless `open`. */
  readonly request: (headers?: readonly string[], open?: boolean) => Heard;
}

export function clientTo(t: TestContext, port: number): TestClient {
  const endpoint = { address: `127.0.0.1:${port}` };
  const transport = createHttp2Transport({
    endpoints: [endpoint],
    clock: systemClock,
    random: systemRandom,
    connections: connectionSettings(),
  });
  t.after(() => transport.close(new GatewayError('PG_DRAIN', 'the test is over')));
  const route = transport.encode([':method', 'GET', ':path', '/']);
  const client: TestClient = {
    transport,
    credits: true,
    request(headers = [], open = false) {
      const heads: (readonly string[])[] = [];
      const body: Buffer[] = [];
      const { promise: ended, resolve } = Promise.withResolvers<GatewayError | undefined>();
      const done = (is: boolean): void => {
        if (is) resolve(undefined);
      };
      const listener: StreamListener = {
        onHeaders: (list, end) => {
          heads.push(list);
          done(end);
        },
        onData: (bytes, end) => {
          body.push(Buffer.from(bytes));
          if (client.credits) stream.credit(bytes.length);
          done(end);
        },
        onDrain: () => {},
        onFailed: resolve,
      };
      const stream: OutgoingStream = transport.open(
        endpoint,
        route,
        transport.encode(headers),
        listener,
      );
      if (!open) stream.write(new Uint8Array(), new Uint8Array(), true);
      return { heads, body, ended, stream };
    },
  };
  return client;
}
