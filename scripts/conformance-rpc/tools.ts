/** The runner, its reference services and client, and their protos: built once into the cache from a Go module of a fixed version. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../lib/unavailable.ts';

const MODULE = 'connectrpc.com/conformance';
/** Each version has another number of tests. */
const VERSION = 'v1.0.7';
const PROGRAMS = ['connectconformance', 'referenceserver', 'grpcserver', 'referenceclient'];
const BUILD_TIMEOUT_MS = 600_000;

export interface Tools {
  readonly runner: string;
  readonly referenceServer: string;
  readonly grpcServer: string;
  readonly referenceClient: string;
  /** Folder with the `.proto` files of the suite. */
  readonly protos: string;
}

/** The paths of all. Throws {@link Unavailable} where there is no Go. */
export function buildTools(cache: string): Tools {
  const folder = join(cache, VERSION);
  const tools: Tools = {
    runner: join(folder, 'connectconformance'),
    referenceServer: join(folder, 'referenceserver'),
    grpcServer: join(folder, 'grpcserver'),
    referenceClient: join(folder, 'referenceclient'),
    protos: join(folder, 'proto'),
  };
  if (Object.values(tools).every((path: string) => existsSync(path))) return tools;
  if (spawnSync('go', ['version']).status !== 0)
    throw new Unavailable('there is no Go to build it');
  mkdirSync(folder, { recursive: true });
  const module = `${MODULE}@${VERSION}`;
  go(folder, 'install', ...PROGRAMS.map((program) => `${MODULE}/cmd/${program}@${VERSION}`));
  const { Dir } = JSON.parse(go(folder, 'mod', 'download', '-json', module)) as { Dir: string };
  cpSync(join(Dir, 'proto'), tools.protos, { recursive: true });
  return tools;
}

function go(folder: string, ...words: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('go', words, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, GOBIN: folder },
    timeout: BUILD_TIMEOUT_MS,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`go ${words.join(' ')}: ${stderr}`);
  return stdout;
}
