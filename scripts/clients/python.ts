/** http.client of Python's library, and httpx. */
import { join } from 'node:path';
import { requireTool } from '../interop/peers/process.ts';
import { pythonEnvironment } from '../lib/python-environment.ts';
import { runProgram } from './program.ts';
import { remoteSpeaker } from './remote-speaker.ts';
import type { Client } from './types.ts';
import { ALL, waysOf } from './ways.ts';

const SOURCE = join(import.meta.dirname, 'python');
const REQUIREMENTS = join(SOURCE, 'requirements.txt');
const NO_100 = { '100-continue': 'never waits for 100 (Continue)' };

export const httpClient: Client = {
  name: 'Python http.client',
  ways: waysOf(
    [
      ['HTTP/1.1', false],
      ['HTTP/1.1', true],
    ],
    (target) => remoteSpeaker('python3', [join(SOURCE, 'http_client.py')], target),
    NO_100,
  ),
  missing: [
    { protocol: 'HTTP/2', transports: ['plain', 'TLS'], reason: 'is a client of HTTP/1.1 alone' },
  ],
  async prepare() {
    requireTool('python3', '--version');
    const { stdout } = await runProgram('python3', ['--version']);
    return stdout.trim().replace('Python ', '');
  },
};

export const httpx: Client = {
  name: 'Python httpx',
  ways: waysOf(
    ALL,
    (target) =>
      remoteSpeaker(
        pythonEnvironment(target.cache, REQUIREMENTS),
        [join(SOURCE, 'httpx_client.py')],
        target,
      ),
    (protocol) => ({
      ...NO_100,
      ...(protocol === 'HTTP/2' && {
        cancel: 'sends no RST_STREAM when an answer is closed early',
      }),
    }),
  ),
  missing: [],
  async prepare(cache) {
    const python = pythonEnvironment(cache, REQUIREMENTS);
    const { stdout } = await runProgram(python, ['-c', 'import httpx; print(httpx.__version__)']);
    return stdout.trim();
  },
};
