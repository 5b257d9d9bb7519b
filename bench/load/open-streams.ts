/** gRPC clients that read all that comes and count its bytes. */
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import type { Open } from './open-many.ts';
import { Unavailable } from '../lib/unavailable.ts';

const STREAMS_OF_A_CONNECTION = 100;
const READY_MS = 10_000;

/** Resolves when the first bytes of each stream are there; many streams share a connection. */
export async function openGrpcStreams(
  count: number,
  port: number,
  path: string,
  body: Uint8Array,
): Promise<Open> {
  const sessions: ClientHttp2Session[] = [];
  const streams = new Set<ClientHttp2Stream>();
  let bytes = 0;
  const open = async (session: ClientHttp2Session): Promise<void> => {
    const headers = { 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers });
    stream.end(body);
    stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
    stream.on('close', () => streams.delete(stream));
    await once(stream, 'data', { signal: AbortSignal.timeout(READY_MS) });
    streams.add(stream);
  };
  const close = async (): Promise<void> => {
    const closing = sessions.filter((session) => !session.closed);
    await Promise.all(
      closing.map(async (session) => {
        const closed = once(session, 'close');
        session.destroy();
        await closed;
      }),
    );
  };
  try {
    for (let left = count; left > 0; left -= STREAMS_OF_A_CONNECTION) {
      const session = connect(`http://127.0.0.1:${port}`);
      sessions.push(session);
      const some = Math.min(left, STREAMS_OF_A_CONNECTION);
      await Promise.all(Array.from({ length: some }, () => open(session)));
    }
  } catch (error) {
    await close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Unavailable(`${streams.size} of ${count} were opened: ${reason}`, { cause: error });
  }
  return { open: () => streams.size, bytes: () => bytes, close };
}
