/** A stream of 1 GB to a client that is slower than the service: what the gateway holds of it, and whether that grows with its length. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { ENVELOPE_BYTES, isOk, TRAILERS_FLAG } from '../lib/grpc-web-answer.ts';
import { BLOCK, BLOCKS } from '../lib/messages.ts';
import { rssMbOf, withRss } from '../lib/processes.ts';
import { enveloped, methodOf } from '../lib/proto.ts';
import { spread } from '../lib/statistics.ts';
import { type HttpRequest, InvalidRun } from '../load/types.ts';
import type { MemoryCheck } from './types.ts';

/** Reads a whole answer through `sip` and throws where it is not whole. */
type Read = (port: number, sip: Sip) => Promise<void>;
/** Waits where the reader has read enough for now. */
type Sip = (chunk: Buffer) => Promise<void>;

const SETTLE_MS = 1000;
/** Reads so much, then rests: 40 MB/s at most. */
const SIP_BYTES = 2 * 2 ** 20;
const REST_MS = 50;
const TIMEOUT_MS = 120_000;
const LEAST_BYTES = BLOCKS * String(BLOCK['text']).length;
/** Of the stream, behind which memory should not grow any more. */
const BEGINNING = 0.25;

const { path, requestSerialize } = methodOf('Download');
const REQUEST = enveloped(requestSerialize({}));

export const slowReader = slowly('slow-reader', 'NDJSON', (port, sip) =>
  readHttp1(port, { method: 'GET', path: '/v1/download' }, sip),
);
export const slowReaderGrpc = slowly('slow-reader-grpc', 'gRPC', readGrpc);
export const slowReaderGrpcWeb = slowly('slow-reader-web', 'gRPC-Web', async (port, sip) => {
  let last: Buffer = Buffer.alloc(0);
  const headers = { 'content-type': 'application/grpc-web+proto' };
  await readHttp1(port, { method: 'POST', path, headers, body: REQUEST }, (chunk) => {
    last = Buffer.concat([last, chunk]).subarray(-100);
    return sip(chunk);
  });
  // The text of the messages has no byte like the flag of the end.
  const end = last.subarray(last.lastIndexOf(TRAILERS_FLAG) + ENVELOPE_BYTES);
  if (!isOk(end)) throw new InvalidRun(`it ends with ${JSON.stringify(last.toString('latin1'))}`);
});

function slowly(name: string, protocol: string, read: Read): MemoryCheck {
  return {
    name,
    title: `a server stream of 1 GB in ${protocol} to a client that reads 40 MB/s; +MB is above what its first quarter took`,
    contestants: ['polygate', 'envoy'],
    upstream: 'paced',
    measure: async ({ port, running: { pid } }) => {
      await sleep(SETTLE_MS);
      const idleRssMb = rssMbOf(pid);
      let bytes = 0;
      let untilRest = SIP_BYTES;
      let beginningMb = 0;
      const { rssMb } = await withRss(pid, (peakMb) =>
        read(port, async (chunk) => {
          bytes += chunk.length;
          untilRest -= chunk.length;
          if (bytes < LEAST_BYTES * BEGINNING) beginningMb = peakMb();
          if (untilRest > 0) return;
          untilRest = SIP_BYTES;
          await sleep(REST_MS);
        }),
      );
      if (bytes < LEAST_BYTES) throw new InvalidRun(`${bytes} bytes of at least ${LEAST_BYTES}`);
      return {
        idleRssMb: spread([idleRssMb]),
        rssMb: spread([rssMb]),
        growthMb: spread([rssMb - beginningMb]),
      };
    },
  };
}

async function readHttp1(port: number, ask: HttpRequest, sip: Sip): Promise<void> {
  const { method, headers, body } = ask;
  const options = { host: '127.0.0.1', port, method, path: ask.path, headers, agent: false };
  const client = request({ ...options, timeout: TIMEOUT_MS });
  client.on('timeout', () => client.destroy(new InvalidRun('the stream stands still')));
  client.end(body);
  const [response] = await once(client, 'response');
  if (response.statusCode !== 200) throw new InvalidRun(`status ${response.statusCode}`);
  // It throws where the answer is cut off.
  for await (const chunk of response) await sip(chunk);
}

async function readGrpc(port: number, sip: Sip): Promise<void> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    const headers = { 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new InvalidRun('it stands still')));
    let status: unknown;
    stream.on('trailers', (trailers) => (status = trailers['grpc-status']));
    stream.end(REQUEST);
    for await (const chunk of stream) await sip(chunk);
    if (String(status) !== '0') throw new InvalidRun(`grpc-status ${String(status)}`);
  } finally {
    session.destroy();
  }
}
