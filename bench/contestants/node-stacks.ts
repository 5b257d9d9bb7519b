/** What people write with the usual packages; the versions are those of the lock file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.ts';
import type { Contestant, ContestantName } from './types.ts';

export const obvious = nodeStack('obvious', ['fastify', '@grpc/grpc-js', '@grpc/proto-loader']);
export const grpcJs = nodeStack('grpc-js', ['@grpc/grpc-js', '@grpc/proto-loader']);

function nodeStack(name: ContestantName, packages: readonly string[]): Contestant {
  return {
    name,
    prepare: () => packages.map((pack) => `${pack} ${versionOf(pack)}`).join(', '),
    command: ({ port, upstreamPort }) => ({
      program: process.execPath,
      args: [
        join(import.meta.dirname, `${name}-process.ts`),
        ...[port, upstreamPort].map((number) => String(number)),
      ],
      env: { NODE_ENV: 'production' },
    }),
  };
}

function versionOf(pack: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', pack, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
