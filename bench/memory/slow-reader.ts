import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BLOCK, BLOCKS } from '../lib/messages.ts';
import { rssMbOf, withRss } from '../lib/processes.ts';
import { spread } from '../lib/statistics.ts';
import { InvalidRun } from '../load/types.ts';
import type { MemoryCheck } from './types.ts';

const SETTLE_MS = 1000;
/** Reads so much, then rests: 40 MB/s at most. */
const SIP_BYTES = 2 * 2 ** 20;
const REST_MS = 50;
const TIMEOUT_MS = 120_000;

export const slowReader: MemoryCheck = {
  name: 'slow-reader',
  title: 'a server stream of 1 GB to a client that reads 40 MB/s',
  contestants: ['polygate', 'envoy'],
  upstream: 'paced',
  measure: async ({ port, running: { pid } }) => {
    await sleep(SETTLE_MS);
    const idleRssMb = rssMbOf(pid);
    const { result, rssMb } = await withRss(pid, () => readSlowly(port, '/v1/download'));
    const least = BLOCKS * String(BLOCK['text']).length;
    if (result < least) throw new InvalidRun(`${result} bytes of at least ${least}`);
    return { idleRssMb: spread([idleRssMb]), rssMb: spread([rssMb]) };
  },
};

/** Bytes that came until the answer was whole. */
async function readSlowly(port: number, path: string): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new InvalidRun('the stream stands still')));
  socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`);
  let bytes = 0;
  let sip = 0;
  let last: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    if (bytes === 0 && !chunk.toString('latin1').startsWith('HTTP/1.1 200')) {
      throw new InvalidRun(`the answer begins with ${chunk.subarray(0, 200).toString('latin1')}`);
    }
    bytes += chunk.length;
    sip += chunk.length;
    last = Buffer.concat([last, chunk]).subarray(-5);
    // The last chunk; the text of the messages has no zero.
    if (last.toString('latin1') === '0\r\n\r\n') return bytes;
    if (sip < SIP_BYTES) continue;
    sip = 0;
    await sleep(REST_MS);
  }
  throw new InvalidRun('the stream was cut off');
}
