import { join } from 'node:path';
import type { Contestant } from './types.ts';

export const floor: Contestant = {
  name: 'floor',
  prepare: () => `node:http ${process.version}`,
  command: ({ port }) => ({
    program: process.execPath,
    args: [join(import.meta.dirname, 'floor-process.ts'), String(port)],
    env: { NODE_ENV: 'production' },
  }),
};
