/** curl, the command. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../interop/peers/process.ts';
import { readProgram, runProgram } from './program.ts';
import type { Answer, Client, Speaker, Target } from './types.ts';
import { originOf } from './ways.ts';

/** What curl knows of a transfer, as one line of JSON. */
const REPORT = ['-w', '%{stderr}transfer %{json}\n'];
const PRIOR = '--http2-prior-knowledge';
/** Seen of 7.88 also at node:http2: the second request of a connection ends with "Error in the HTTP2 framing layer". */
const NO_REUSE_BY_PRIOR_KNOWLEDGE =
  '7.88 cannot use a connection of prior knowledge twice, at any server';
const NO_100_IN_HTTP2 = 'waits for 100 (Continue) over HTTP/1.1 alone';

interface Transfer {
  readonly http_code: number;
  readonly http_version: string;
  readonly size_download: number;
  readonly local_port: number;
}

export const curl: Client = {
  name: 'curl',
  ways: [
    way('HTTP/1.1', false, '--http1.1'),
    way('HTTP/1.1', true, '--http1.1'),
    // It asks for an upgrade that the gateway ignores (RFC 9113 section 3.1 has dropped it).
    way('HTTP/1.1', false, '--http2'),
    way('HTTP/2', false, PRIOR),
    way('HTTP/2', true, '--http2'),
  ],
  missing: [],
  async prepare() {
    requireTool('curl', '--version');
    const { stdout } = await runProgram('curl', ['--version']);
    return stdout.split(' ')[1] ?? '';
  },
};

function way(protocol: 'HTTP/1.1' | 'HTTP/2', tls: boolean, flag: string): Client['ways'][number] {
  return {
    protocol,
    tls,
    flag,
    lacks: {
      ...(protocol === 'HTTP/2' && { '100-continue': NO_100_IN_HTTP2 }),
      ...(flag === PRIOR && { 'one connection': NO_REUSE_BY_PRIOR_KNOWLEDGE }),
    },
    open: (target) => speaker(target, flag),
  };
}

function speaker(target: Target, flag: string): Speaker {
  const common = [flag, '-sS', '--no-progress-meter', '--cacert', target.caFile];
  const origin = originOf(target);
  return {
    async ask({ path, body, noLength, expect }) {
      const words = [...common, ...REPORT, `${origin}${path}`];
      if (body !== undefined) words.push('-H', 'content-type: application/json');
      if (noLength === true) words.push('-X', 'POST', '-T', '-', '-H', 'expect:');
      else if (body !== undefined) words.push('--data-binary', '@-');
      // The time that it waits for one; the check fails where none has come.
      if (expect === true)
        words.push('-v', '-H', 'expect: 100-continue', '--expect100-timeout', '10');
      const { stdout, stderr } = await runProgram('curl', words, body);
      const [transfer] = transfers(stderr);
      if (transfer === undefined) throw new Error(`no transfer: ${stderr}`);
      return answerOf(transfer, stdout, /^< HTTP\/\S+ 100\b/m.test(stderr));
    },
    async repeat(path, count) {
      const folder = join(target.cache, 'curl');
      mkdirSync(folder, { recursive: true });
      const files = Array.from({ length: count }, (_, i) => join(folder, String(i)));
      // Without it curl asks one after the other.
      const parallel = target.protocol === 'HTTP/2' ? ['-Z'] : [];
      const urls = files.flatMap((file) => ['-o', file, `${origin}${path}`]);
      const { stderr } = await runProgram('curl', [...common, ...REPORT, ...parallel, ...urls]);
      return transfers(stderr).map((transfer, i) =>
        answerOf(transfer, readFileSync(files[i] ?? '', 'utf8'), false),
      );
    },
    open: (path) => Promise.resolve(readProgram('curl', [...common, '-N', `${origin}${path}`])),
    close: () => {},
  };
}

function transfers(stderr: string): Transfer[] {
  return [...stderr.matchAll(/transfer (\{.*\})$/gm)].map(
    ([, json = '']) => JSON.parse(json) as Transfer,
  );
}

function answerOf(transfer: Transfer, body: string, continued: boolean): Answer {
  return {
    status: transfer.http_code,
    protocol: `HTTP/${transfer.http_version}`,
    body,
    bytes: transfer.size_download,
    connection: String(transfer.local_port),
    continued,
  };
}
