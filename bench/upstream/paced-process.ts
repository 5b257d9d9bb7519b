/**
 * The upstream for what a file can't answer: calls that take their time, streams that tick, stay silent or are large. node:http2, on the
 * core of the load. Arguments: its port.
 */
import { createServer } from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import { BLOCK, BLOCKS, ITEM, price, SLOW_MS, TICKS } from '../lib/messages.ts';
import { enveloped, methodOf, type Plain, SERVICE } from '../lib/proto.ts';

const TICK_MS = 1;
const SECOND_MS = 1000;
/** As nginx here; more calls than that need more connections. */
const MAX_STREAMS = 1000;

const bytesOf = (method: string, message: Plain): Buffer =>
  enveloped(methodOf(method).responseSerialize(message));
const item = bytesOf('GetSlowItem', ITEM);
const prices = Array.from({ length: TICKS }, (_, n) => bytesOf('TickPrices', price(n)));
const block = bytesOf('Download', BLOCK);

/** How many streams of a message a second there have been. */
let ticking = 0;

const METHODS: Readonly<Record<string, (stream: ServerHttp2Stream) => void>> = {
  GetSlowItem: (stream) => {
    setTimeout(() => {
      if (!stream.destroyed) stream.end(item);
    }, SLOW_MS);
  },
  TickPrices: (stream) => {
    let sent = 0;
    const timer = setInterval(() => {
      stream.write(prices[sent++]);
      if (sent < prices.length) return;
      clearInterval(timer);
      stream.end();
    }, TICK_MS);
    stream.on('close', () => clearInterval(timer));
  },
  TickSeconds: (stream) => {
    stream.write(prices[0]);
    let sent = 0;
    const send = (): void => {
      stream.write(prices[++sent % prices.length]);
    };
    // Spread over the second, as streams are that nobody has opened together.
    let timer: NodeJS.Timeout | undefined;
    const first = setTimeout(() => (timer = setInterval(send, SECOND_MS)), ++ticking % SECOND_MS);
    stream.on('close', () => {
      clearTimeout(first);
      clearInterval(timer);
    });
  },
  WatchSilence: (stream) => {
    stream.write(prices[0]);
  },
  Download: (stream) => {
    let sent = 0;
    const send = (): void => {
      while (sent < BLOCKS) {
        sent++;
        if (!stream.write(block)) return void stream.once('drain', send);
      }
      stream.end();
    };
    send();
  },
};

const server = createServer({ settings: { maxConcurrentStreams: MAX_STREAMS } });
server.on('session', (session) => session.on('error', ignore));
server.on('stream', (stream, headers) => {
  const method = METHODS[String(headers[':path']).slice(`/${SERVICE}/`.length)];
  // A caller that goes away in the middle is nothing to this process.
  stream.on('error', ignore);
  stream.resume();
  if (method === undefined) {
    stream.respond({ 'content-type': 'application/grpc', 'grpc-status': 12 }, { endStream: true });
    return;
  }
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  method(stream);
});
server.listen(Number(process.argv[2]), '127.0.0.1', 4096);

function ignore(): void {
  // node:http2 ends the process on an error event that nobody hears.
}
