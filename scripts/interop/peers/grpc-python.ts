/** grpcio, the C core of gRPC with Python on top, in a virtual environment of its own. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROTOS } from '../messages.ts';
import type { Peer, PeerOptions } from './peer.ts';
import { requireTool, runTool, startProcess } from './process.ts';

const SOURCE = join(import.meta.dirname, '../python');
const REQUIREMENTS = join(SOURCE, 'requirements.txt');

export async function startGrpcPython({ cache, certFile, keyFile }: PeerOptions): Promise<Peer> {
  const python = environment(cache);
  const words = [join(SOURCE, 'server.py'), PROTOS, certFile, keyFile];
  const started = await startProcess(python, words);
  return {
    name: 'grpc-python',
    ...started.ports,
    features: ['response_compressed unary', 'response_compressed streaming'],
    close: () => started.close(),
  };
}

/** Installs what the requirements say unless it has been. */
function environment(cache: string): string {
  requireTool('python3', '--version');
  mkdirSync(cache, { recursive: true });
  const folder = join(cache, 'python');
  const python = join(folder, 'bin/python');
  const installed = join(folder, 'installed.txt');
  const wanted = readFileSync(REQUIREMENTS, 'utf8');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return python;
  runTool('python3', ['-m', 'venv', folder], cache);
  runTool(python, ['-m', 'pip', 'install', '--quiet', '-r', REQUIREMENTS], cache);
  copyFileSync(REQUIREMENTS, installed);
  return python;
}
