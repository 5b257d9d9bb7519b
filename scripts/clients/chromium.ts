/** Chromium without a window: a page of another origin fetches from the gateway. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireTool } from '../interop/peers/process.ts';
import { type Browser, type SeenResponse, startBrowser } from './chromium-pipe.ts';
import { runProgram } from './program.ts';
import type { Answer, Ask, Client, Lines, Protocol, Speaker, Target } from './types.ts';
import { originOf, repeatOn, waysOf } from './ways.ts';

export const PROTOCOLS: Readonly<Record<string, string>> = { 'http/1.1': 'HTTP/1.1', h2: 'HTTP/2' };

export const chromium: Client = {
  name: 'Chromium fetch',
  ways: waysOf(
    [
      ['HTTP/1.1', false],
      ['HTTP/1.1', true],
      ['HTTP/2', true],
    ],
    speaker,
    (protocol: Protocol) => ({
      '100-continue': 'a page may not send Expect',
      ...(protocol === 'HTTP/1.1' && { 'no length': 'sends streams over HTTP/2 alone' }),
    }),
  ),
  missing: [{ protocol: 'HTTP/2', transports: ['plain'], reason: 'speaks HTTP/2 over TLS alone' }],
  prepare: chromiumVersion,
};

export async function chromiumVersion(): Promise<string> {
  requireTool('chromium', '--version');
  const { stdout } = await runProgram('chromium', ['--version']);
  return /Chromium (\S+)/.exec(stdout)?.[1] ?? '';
}

/** A browser with a profile of its own, which goes with it. */
export async function openBrowser(cache: string, protocol: Protocol): Promise<Browser> {
  mkdirSync(cache, { recursive: true });
  const profile = mkdtempSync(join(cache, 'chromium-'));
  const words = [`--user-data-dir=${profile}`];
  if (protocol === 'HTTP/1.1') words.push('--disable-http2');
  const browser = await startBrowser(words);
  return {
    ...browser,
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

async function speaker(target: Target): Promise<Speaker> {
  const browser = await openBrowser(target.cache, target.protocol);
  const responses = new Responses(browser);
  await browser.visit(target.pageUrl);
  const origin = originOf(target);
  let lastId = 0;
  const ask = async ({ path, body, noLength }: Ask): Promise<Answer> => {
    const [got, seen] = await Promise.all([
      browser.evaluate<{ status: number; text: string }>(
        `(${fetchText})(${JSON.stringify([`${origin}${path}`, body ?? null, noLength === true])})`,
      ),
      responses.next(),
    ]);
    return {
      status: got.status,
      protocol: PROTOCOLS[seen.protocol] ?? seen.protocol,
      body: got.text,
      bytes: Buffer.byteLength(got.text),
      connection: String(seen.connectionId),
      continued: false,
    };
  };
  return {
    ask,
    repeat: (path, count) => repeatOn(target, count, () => ask({ path })),
    async open(path): Promise<Lines> {
      const name = `stream${++lastId}`;
      await Promise.all([
        browser.evaluate(`(${openStream})(${JSON.stringify([name, `${origin}${path}`])})`),
        responses.next(),
      ]);
      return {
        next: () => browser.evaluate<string | null>(`${name}.next()`),
        cancel: () => browser.evaluate(`${name}.cancel()`),
      };
    },
    close: () => browser.close(),
  };
}

/** Those of the page's own fetches, in the order of their heads; a preflight is none of them. */
class Responses {
  readonly #seen: SeenResponse[] = [];
  readonly #waiting: ((seen: SeenResponse) => void)[] = [];

  constructor(browser: Browser) {
    browser.onResponse((seen) => {
      if (seen.type !== 'Fetch') return;
      const first = this.#waiting.shift();
      if (first === undefined) this.#seen.push(seen);
      else first(seen);
    });
  }

  next(): Promise<SeenResponse> {
    const seen = this.#seen.shift();
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** Both run in the page. */
const fetchText = `async ([url, body, noLength]) => {
  const init = { cache: 'no-store' };
  if (body !== null) {
    init.method = 'POST';
    init.headers = { 'content-type': 'application/json' };
    init.body = noLength ? new Blob([body]).stream() : body;
    if (noLength) init.duplex = 'half';
  }
  const answer = await fetch(url, init);
  return { status: answer.status, text: await answer.text() };
}`;

const openStream = `async ([name, url]) => {
  const controller = new AbortController();
  const answer = await fetch(url, { cache: 'no-store', signal: controller.signal });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  globalThis[name] = {
    async next() {
      while (!text.includes('\\n')) {
        const { done, value } = await reader.read();
        if (done) return text === '' ? null : text;
        text += value;
      }
      const end = text.indexOf('\\n');
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return line;
    },
    cancel: () => controller.abort(),
  };
}`;
