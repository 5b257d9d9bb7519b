/** grpcio, the C core of gRPC with Python on top, in a virtual environment of its own. */
import { join } from 'node:path';
import { pythonEnvironment } from '../../lib/python-environment.ts';
import { PROTOS } from '../messages.ts';
import type { Peer, PeerOptions } from './peer.ts';
import { startProcess } from './process.ts';

const SOURCE = join(import.meta.dirname, '../python');

export async function startGrpcPython({ cache, certFile, keyFile }: PeerOptions): Promise<Peer> {
  const python = pythonEnvironment(cache, join(SOURCE, 'requirements.txt'));
  const words = [join(SOURCE, 'server.py'), PROTOS, certFile, keyFile];
  const started = await startProcess(python, words);
  return {
    name: 'grpc-python',
    ...started.ports,
    features: ['response_compressed unary', 'response_compressed streaming'],
    close: () => started.close(),
  };
}
