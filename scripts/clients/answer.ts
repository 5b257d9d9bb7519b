/** Answers of clients that run in this process. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Lines } from './types.ts';

export async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export function linesOf(body: Readable, cancel: () => void): Lines {
  const lines = createInterface(body)[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await lines.next();
      return done === true ? null : value;
    },
    cancel() {
      // What is cancelled tells its reader so.
      body.on('error', () => {});
      cancel();
    },
  };
}
