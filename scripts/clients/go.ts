/** net/http of Go, in a small program. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool, runTool } from '../interop/peers/process.ts';
import { runProgram } from './program.ts';
import { remoteSpeaker } from './remote-speaker.ts';
import type { Client, Target } from './types.ts';
import { ALL, waysOf } from './ways.ts';

const SOURCE = join(import.meta.dirname, 'go');

export const goNetHttp: Client = {
  name: 'Go net/http',
  ways: waysOf(ALL, ({ cache, ...target }: Target) =>
    remoteSpeaker(binaryIn(cache), [], { cache, ...target }),
  ),
  missing: [],
  async prepare(cache) {
    requireTool('go', 'version');
    mkdirSync(cache, { recursive: true });
    // Go itself knows whether there is anything to do.
    runTool('go', ['build', '-o', binaryIn(cache), '.'], SOURCE);
    const { stdout } = await runProgram('go', ['env', 'GOVERSION']);
    return stdout.trim();
  },
};

function binaryIn(cache: string): string {
  return join(cache, 'go-client');
}
