/** What users run: the built command with its own defaults, in the environment of its image. */
import { globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { BENCH_PROTOS, filled, PROTO_FILE, ROOT } from '../lib/paths.ts';
import { run } from '../lib/run.ts';
import type { Command } from '../lib/processes.ts';
import type { Contestant, Place } from './types.ts';

const CLI = join(ROOT, 'dist/cli.js');

export const polygate: Contestant = {
  name: 'polygate',
  prepare: () => {
    if (isStale()) run('npm', ['run', 'build'], { cwd: ROOT });
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    return `${version} (${revision()}), node ${process.version}`;
  },
  command: (place) => gateway(place, [...imageOptions(), CLI]),
  // Node's compile cache has the configuration without its types then: a first start loads 15 MB to strip them.
  beforeStart({ program, args, cwd }) {
    const check = args.map((word) => (word === 'serve' ? 'check' : word));
    run(program, check, cwd === undefined ? {} : { cwd });
  },
};

/** What the image gives to node. */
function imageOptions(): string[] {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
  const words = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1];
  if (words === undefined) throw new Error('the Dockerfile has no ENTRYPOINT');
  return (JSON.parse(words) as string[]).slice(1, -1);
}

/** From the sources, with the port of Node's inspector: types are stripped in place, so lines are those of src. */
export function inspectedGateway(inspectorPort: number): Contestant {
  const options = [`--inspect=127.0.0.1:${inspectorPort}`, '--conditions=polygate-source'];
  return {
    name: 'polygate',
    prepare: revision,
    command: (place) => gateway(place, [...options, join(ROOT, 'src/cli.ts')]),
  };
}

function gateway({ folder, port, adminPort, upstreamPort }: Place, entry: string[]): Command {
  const config = join(folder, 'gateway.config.ts');
  const text = filled('contestants/polygate.config.ts.template', {
    PORT: port,
    ADMIN_PORT: adminPort,
    UPSTREAM_PORT: upstreamPort,
    PROTO: PROTO_FILE,
    IMPORT_PATH: BENCH_PROTOS,
  });
  writeFileSync(config, text);
  return {
    program: process.execPath,
    args: [...entry, 'serve', '--config', config],
    env: { NODE_ENV: 'production' },
    cwd: folder,
  };
}

function isStale(): boolean {
  const sources = [...globSync('src/**/*.ts', { cwd: ROOT }), 'package-lock.json'];
  const newestMs = Math.max(...sources.map((file) => statSync(join(ROOT, file)).mtimeMs));
  return (statSync(CLI, { throwIfNoEntry: false })?.mtimeMs ?? 0) < newestMs;
}

/** The commit, marked where a source differs from it. */
function revision(): string {
  const git = (...args: string[]): string =>
    spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' }).stdout?.trim() ?? '';
  const commit = git('rev-parse', '--short', 'HEAD');
  if (commit === '') return 'no commit';
  return git('status', '--porcelain', '--', 'src') === '' ? commit : `${commit} and changes`;
}
