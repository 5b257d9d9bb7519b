/** h2load: it counts answers and bytes, and shows neither bodies nor heads. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../interop/peers/process.ts';
import { readProgram, runProgram } from './program.ts';
import type { Answer, Client, Speaker, Target } from './types.ts';
import { ALL, originOf, waysOf } from './ways.ts';

/** What it says it has spoken. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  'http/1.1': 'HTTP/1.1',
  h2c: 'HTTP/2',
  h2: 'HTTP/2',
};

export const h2load: Client = {
  name: 'h2load',
  ways: waysOf(ALL, speaker, {
    'no length': 'always says the length of its data',
    stream: 'shows nothing of an answer before its end',
    '100-continue': 'never waits for 100 (Continue)',
  }),
  missing: [],
  async prepare() {
    requireTool('h2load', '--version');
    const { stdout } = await runProgram('h2load', ['--version']);
    return stdout.trim().replace('h2load nghttp2/', '');
  },
};

function speaker(target: Target): Speaker {
  const origin = originOf(target);
  const common = target.protocol === 'HTTP/1.1' ? ['--h1'] : [];
  const load = async (count: number, words: readonly string[]): Promise<Answer[]> => {
    const sizes = ['-c', '1', '-n', String(count)];
    // Over HTTP/1.1 it would pipeline.
    if (target.protocol === 'HTTP/2') sizes.push('-m', String(count));
    const { stdout } = await runProgram('h2load', [...common, ...sizes, ...words]);
    return answersOf(stdout, count);
  };
  return {
    async ask({ path, body }) {
      const words = [`${origin}${path}`];
      if (body !== undefined) {
        mkdirSync(target.cache, { recursive: true });
        const file = join(target.cache, 'h2load.json');
        writeFileSync(file, body);
        words.push('-d', file, '-H', 'content-type: application/json');
      }
      const [answer] = await load(1, words);
      if (answer === undefined) throw new Error('h2load has counted no answer');
      return answer;
    },
    repeat: (path, count) => load(count, [`${origin}${path}`]),
    open: (path) =>
      Promise.resolve(readProgram('h2load', [...common, '-c', '1', '-n', '1', `${origin}${path}`])),
    close: () => {},
  };
}

/** All of one run are alike, or it is an error. */
function answersOf(stdout: string, count: number): Answer[] {
  const take = (what: RegExp): string => {
    const found = what.exec(stdout)?.[1];
    if (found === undefined) throw new Error(`h2load does not say ${what.source}: ${stdout}`);
    return found;
  };
  const protocol = take(/^Application protocol: (\S+)$/m);
  const done = Number(take(/(\d+) done/));
  const errored = Number(take(/(\d+) errored/));
  if (done !== count || errored !== 0) throw new Error(`h2load has counted: ${stdout}`);
  const bytes = Number(take(/\((\d+)\) data$/m)) / count;
  const classes = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m.exec(stdout);
  const at = classes?.slice(1).findIndex((found) => Number(found) === count) ?? -1;
  // It tells the class alone; the checks ask for one of these two.
  const status = { 0: 200, 2: 404 }[at];
  if (status === undefined) throw new Error(`h2load has counted: ${stdout}`);
  const answer: Answer = {
    status,
    protocol: PROTOCOLS[protocol] ?? protocol,
    body: null,
    bytes,
    connection: '-c 1',
    continued: false,
  };
  return Array.from({ length: count }, () => answer);
}
