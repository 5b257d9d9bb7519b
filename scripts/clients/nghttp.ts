/** nghttp, the command of nghttp2. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../interop/peers/process.ts';
import { readProgram, runProgram } from './program.ts';
import type { Answer, Client, Speaker, Target } from './types.ts';
import { originOf, waysOf } from './ways.ts';

export const nghttp: Client = {
  name: 'nghttp',
  ways: waysOf(
    [
      ['HTTP/2', false],
      ['HTTP/2', true],
    ],
    speaker,
  ),
  missing: [
    { protocol: 'HTTP/1.1', transports: ['plain', 'TLS'], reason: 'is a client of HTTP/2 alone' },
  ],
  async prepare() {
    requireTool('nghttp', '--version');
    const { stdout } = await runProgram('nghttp', ['--version']);
    return stdout.trim().replace('nghttp nghttp2/', '');
  },
};

function speaker(target: Target): Speaker {
  const origin = originOf(target);
  return {
    async ask({ path, body, noLength, expect }) {
      const words = ['-y', `${origin}${path}`];
      if (body !== undefined) {
        mkdirSync(target.cache, { recursive: true });
        const file = join(target.cache, 'nghttp.json');
        writeFileSync(file, body);
        words.push('-d', file, '-H', 'content-type: application/json');
      }
      if (noLength === true) words.push('--no-content-length');
      if (expect === true) return expectContinue(words);
      const { stdout } = await runProgram('nghttp', [...words, '-s']);
      const [answer] = answersOf(stdout, 1);
      if (answer === undefined) throw new Error(`no answer: ${stdout}`);
      return answer;
    },
    async repeat(path, count) {
      // It asks once for each URI, but for `-m` times for all of them, on one connection.
      const words = ['-y', '-s', '-m', String(count), `${origin}${path}`];
      const { stdout } = await runProgram('nghttp', words);
      return answersOf(stdout, count);
    },
    // It writes through the C library, which would keep lines for a pipe.
    open: (path) =>
      Promise.resolve(readProgram('stdbuf', ['-o0', 'nghttp', '-y', `${origin}${path}`])),
    close: () => {},
  };
}

/** Only its log shows a 100, and the log has the body among its lines. */
async function expectContinue(words: readonly string[]): Promise<Answer> {
  const { stdout } = await runProgram('nghttp', [...words, '--expect-continue', '-v']);
  const statuses = [...stdout.matchAll(/:status: (\d+)/g)].map(([, status]) => Number(status));
  const body = /^\{.*\}(?=\[|$)/m.exec(stdout)?.[0] ?? '';
  return {
    status: statuses.at(-1) ?? 0,
    protocol: 'HTTP/2',
    body,
    bytes: body.length,
    connection: '',
    continued: statuses[0] === 100 && statuses.length === 2,
  };
}

/** The bodies, one behind the other, then a table with a line for each answer. */
function answersOf(stdout: string, count: number): Answer[] {
  const [bodies = '', table = ''] = stdout.split('***** Statistics *****');
  const rows = [...table.matchAll(/^ *\d+ +\+?\S+ +\+?\S+ +\S+ +(\d{3}) +(\S+) \S+$/gm)];
  if (rows.length !== count) throw new Error(`nghttp has ${rows.length} answers: ${stdout}`);
  const text = bodies.trimEnd();
  const length = text.length / count;
  return rows.map(([, status], i) => {
    const body = text.slice(i * length, (i + 1) * length);
    return {
      status: Number(status),
      // It gives up where the peer speaks anything else.
      protocol: 'HTTP/2',
      body,
      bytes: Buffer.byteLength(body),
      connection: 'the session',
      continued: false,
    };
  });
}
