/** One page of another origin that speaks every protocol of the gateway, over each version of HTTP that Chromium speaks. */
import type { World } from './checks.ts';
import { chromiumVersion, openBrowser } from './chromium.ts';
import type { Browser, SeenResponse } from './chromium-pipe.ts';
import { connectionsAt, until } from './observe.ts';
import { packageOf } from './page/serve.ts';
import { SPEAKERS, type SpeakerName } from './page/types.ts';
import {
  expectRefused,
  type OpenPage,
  PAGE_CHECKS,
  type PageCheck,
  RUN_PAGE,
  untilNoCall,
} from './page-checks.ts';
import { type Cell, line } from './table.ts';
import type { Client, Passes } from './types.ts';
import { originOf } from './ways.ts';

export const chromiumPage: Pick<Client, 'name' | 'prepare'> = {
  name: 'Chromium page',
  prepare: chromiumVersion,
};

const AT_THE_END = 'shows what is not text at its end';
const LACKS: Readonly<Partial<Record<SpeakerName, Partial<Record<PageCheck, string>>>>> = {
  'grpc-web, binary': { stream: AT_THE_END, cancel: AT_THE_END },
};

const COLUMNS = ['the page calls by', 'version', 'speaks', 'over'];

export const PAGE_HEAD_LINES: readonly string[] = [
  line([...COLUMNS, ...PAGE_CHECKS, 'other origin', 'nothing stays open']),
  line(Array.from({ length: COLUMNS.length + PAGE_CHECKS.length + 2 }, () => '---')),
];

export const PAGE_REASONS: readonly string[] = Object.entries(LACKS).map(
  ([name, lacks]) => `- ${name}: ${[...new Set(Object.values(lacks))].join('; ')}`,
);

interface PageWay {
  readonly world: World;
  /** Of the browser. */
  readonly version: string;
  readonly passes: Passes;
}

/** A line for each protocol, in one page. */
export async function* pageLines({ world, version, passes }: PageWay): AsyncGenerator<string> {
  const { target, adminPort } = world;
  const { protocol, tls, port } = target;
  const transport = tls ? 'TLS' : 'plain';
  await until('the connections before this page are closed', () => connectionsAt(port) === 0);
  const browser = await openBrowser(target.cache, protocol);
  await browser.withoutCache();
  const stranger = await openPage(browser, world, target.pageUrl.replace('127.0.0.1', 'localhost'));
  const refused = new Map<SpeakerName, boolean>();
  for (const speaker of SPEAKERS) {
    const where = `page, ${speaker}, ${protocol}, ${transport}: another origin`;
    refused.set(speaker, await passes(where, () => expectRefused({ ...stranger, speaker })));
  }
  const page = await openPage(browser, world, target.pageUrl);
  for (const speaker of SPEAKERS) {
    const where = `page, ${speaker}, ${protocol}, ${transport}`;
    const cells: Cell[] = [];
    for (const check of PAGE_CHECKS) {
      if (LACKS[speaker]?.[check] !== undefined) {
        cells.push('client lacks it');
        continue;
      }
      const run = (): Promise<void> => RUN_PAGE[check]({ ...page, speaker });
      cells.push((await passes(`${where}: ${check}`, run)) ? 'ok' : 'FAILED');
    }
    const ended = await passes(`${where}: nothing stays open`, () => untilNoCall(adminPort));
    cells.push(refused.get(speaker) === true ? 'ok' : 'FAILED', ended ? 'ok' : 'FAILED');
    const library = libraryOf(speaker) ?? version;
    yield line([nameOf(speaker), library, protocol, transport, ...cells]);
  }
  await passes(`page, ${protocol}, ${transport}: no connection is left`, async () => {
    await browser.close();
    await until('no connection is left', () => connectionsAt(port) === 0);
  });
}

async function openPage(browser: Browser, world: World, from: string): Promise<OpenPage> {
  const origin = originOf(world.target);
  await browser.visit(`${from}/protocols`);
  await browser.evaluate(`page.open(${JSON.stringify(origin)})`);
  const seen: SeenResponse[] = [];
  browser.onResponse((response) => {
    // The browser asks the page's own server too, for its icon.
    if (response.url.startsWith(origin)) seen.push(response);
  });
  return { browser, world, seen };
}

function nameOf(speaker: SpeakerName): string {
  if (speaker === 'REST') return 'fetch, REST';
  return speaker.startsWith('grpc-web') ? speaker : `connect-web, ${speaker}`;
}

/** The version of the npm package. */
function libraryOf(speaker: SpeakerName): string | undefined {
  if (speaker === 'REST') return undefined;
  const name = speaker.startsWith('grpc-web') ? 'grpc-web' : '@connectrpc/connect-web';
  return packageOf(name).version;
}
