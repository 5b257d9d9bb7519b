import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filled, folder, PROTO_FILE } from '../lib/paths.ts';
import { envoyBinary, protoc } from '../lib/python.ts';
import { run } from '../lib/run.ts';
import type { Contestant } from './types.ts';

const descriptors = (): string => join(folder('envoy'), 'shop.binpb');

export const envoy: Contestant = {
  name: 'envoy',
  prepare: () => {
    const version = /\/(\d+\.\d+\.\d+)\//.exec(run(envoyBinary(), ['--version']))?.[1];
    protoc(['--include_imports', `--descriptor_set_out=${descriptors()}`, PROTO_FILE]);
    return `${version}, --concurrency 1`;
  },
  command: (place) => {
    const config = join(place.folder, 'envoy.yaml');
    const values = { PORT: place.port, UPSTREAM_PORT: place.upstreamPort };
    writeFileSync(
      config,
      filled('contestants/envoy.yaml.template', { ...values, DESCRIPTORS: descriptors() }),
    );
    const quiet = ['--log-level', 'error', '--disable-hot-restart'];
    return { program: envoyBinary(), args: ['-c', config, '--concurrency', '1', ...quiet] };
  },
};
