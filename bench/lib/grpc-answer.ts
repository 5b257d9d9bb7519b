/** One gRPC call by node:http2. */
import { connect } from 'node:http2';
import { InvalidRun } from '../load/types.ts';
import { Unavailable } from './unavailable.ts';

const TIMEOUT_MS = 10_000;

/** The body of an answer with grpc-status 0. Throws Unavailable where nobody speaks gRPC. */
export async function askGrpc(port: number, path: string, body: Buffer): Promise<Buffer> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      const isMissing = (reason: string): void =>
        reject(new Unavailable(`it does not answer application/grpc: ${reason}`));
      session.on('error', (error) => isMissing(error.message));
      const stream = session.request({
        ':method': 'POST',
        ':path': path,
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      const chunks: Buffer[] = [];
      let status: unknown;
      stream.setTimeout(TIMEOUT_MS, () => stream.destroy(new InvalidRun('no answer')));
      stream.on('response', (headers) => {
        const type = headers['content-type'];
        status = headers['grpc-status'];
        if (type?.startsWith('application/grpc') !== true) isMissing(`content-type ${type}`);
      });
      stream.on('trailers', (trailers) => (status = trailers['grpc-status']));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', (error) => isMissing(error.message));
      stream.on('end', () => {
        if (String(status) === '0') resolve(Buffer.concat(chunks));
        else reject(new InvalidRun(`grpc-status ${String(status)}`));
      });
      stream.end(body);
    });
  } finally {
    session.destroy();
  }
}
