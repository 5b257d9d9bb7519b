/**
 * `npm run clients [-- NAME…] [-- --write]`: clients that are not ours speak to the running gateway, each over every version of HTTP that it
 * knows, plain and over TLS. Prints the table of docs/clients.md, which `--write` puts there; without it the page must say the same, but
 * for the versions. A client that isn't installed is named; everything else that does not work fails.
 */
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { chromiumPage, PAGE_HEAD_LINES, PAGE_REASONS, pageLines } from './clients/browser-page.ts';
import { chromium } from './clients/chromium.ts';
import { BOOK_PATH, MISSING_PATH, SHELF, type World } from './clients/checks.ts';
import { curl } from './clients/curl.ts';
import { goNetHttp } from './clients/go.ts';
import { h2load } from './clients/h2load.ts';
import { nghttp } from './clients/nghttp.ts';
import { nodeHttp, nodeHttps } from './clients/node-http.ts';
import { nodeHttp2 } from './clients/node-http2.ts';
import { servePage } from './clients/page/serve.ts';
import { httpClient, httpx } from './clients/python.ts';
import { rowOf } from './clients/row.ts';
import * as table from './clients/table.ts';
import type { Client, Way } from './clients/types.ts';
import { undici, undiciFetch } from './clients/undici.ts';
import { LeftOut } from './interop/peers/peer.ts';
import { type LiveGateway, startLiveGateway } from './lib/live-gateway.ts';

const CLIENTS: readonly Client[] = [
  curl,
  h2load,
  nghttp,
  undici,
  undiciFetch,
  nodeHttp,
  nodeHttps,
  nodeHttp2,
  goNetHttp,
  httpClient,
  httpx,
  chromium,
];
/** None of the checks takes long; one that hangs must not hang the rest. */
const CHECK_MS = 20_000;
const PAGE = resolve(import.meta.dirname, '../docs/clients.md');

const words = process.argv.slice(2);
const write = words.includes('--write');
const names = words.filter((word) => word !== '--write');
const chosen = CLIENTS.filter(
  ({ name }) => names.length === 0 || names.some((word) => name.includes(word)),
);
const withPage = names.length === 0 || names.some((word) => chromiumPage.name.includes(word));
if (chosen.length === 0 && !withPage) throw new Error(`no client is named ${names.join(' or ')}`);

const cache = resolve(import.meta.dirname, '../.cache/clients');
const failures: string[] = [];
const used: Client[] = [];
const lines: string[] = [];
const linesOfPage: string[] = [];
const page = await servePage();
try {
  const gateway = await startLiveGateway(
    join(cache, 'gateway'),
    {},
    { cors: { origins: [page.origin], expose: ['bookstore-revision'] } },
  );
  try {
    await runAll(gateway);
  } finally {
    gateway.close();
  }
} finally {
  page.close();
}
const reasons = table.reasonsOf(used);
console.log(`\nWhat the clients lack:\n\n${reasons.join('\n')}`);
comparePage([
  ...table.HEAD_LINES,
  ...lines,
  '',
  'What the clients lack:',
  '',
  ...reasons,
  '',
  '## One page, every protocol',
  '',
  ...PAGE_HEAD_LINES,
  ...linesOfPage,
  '',
  ...PAGE_REASONS,
]);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;

async function runAll(gateway: LiveGateway): Promise<void> {
  const reference = await makeReference(gateway.port);
  console.log(table.HEAD_LINES.join('\n'));
  for (const client of chosen) {
    const version = await prepared(client);
    if (version === null) continue;
    used.push(client);
    for (const way of client.ways) {
      const world = worldOf({ ...reference, gateway }, way);
      print(lines, table.lineOf(await rowOf({ client, version, way, world, passes })));
    }
    for (const row of table.missingRows(client, version)) print(lines, table.lineOf(row));
  }
  if (withPage) await runPage({ ...reference, gateway });
}

async function runPage(ground: Ground): Promise<void> {
  const version = await prepared(chromiumPage);
  if (version === null) return;
  console.log(`\n${PAGE_HEAD_LINES.join('\n')}`);
  for (const way of chromium.ways) {
    const world = worldOf(ground, way);
    for await (const line of pageLines({ world, version, passes })) print(linesOfPage, line);
  }
}

/** What the runner's own fetch gets, and the shelf that the clients put books on. */
async function makeReference(port: number): Promise<Pick<World, 'book' | 'missing' | 'title'>> {
  const origin = `http://127.0.0.1:${port}`;
  const [book, missing, shelf] = await Promise.all([
    fetch(`${origin}${BOOK_PATH}`),
    fetch(`${origin}${MISSING_PATH}`),
    fetch(`${origin}/v1/shelves?shelfId=${SHELF}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ theme: 'What clients bring' }),
    }),
  ]);
  const statuses = [book.status, missing.status, shelf.status];
  if (!isDeepStrictEqual(statuses, [200, 404, 200])) throw new Error(`statuses ${statuses.join()}`);
  let titles = 0;
  return {
    book: await book.text(),
    missing: await missing.text(),
    title: () => `Book ${++titles}`,
  };
}

async function prepared(client: Pick<Client, 'name' | 'prepare'>): Promise<string | null> {
  try {
    return await client.prepare(cache);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    console.log(`left out: ${client.name}: ${said}`);
    if (!(error instanceof LeftOut)) failures.push(`${client.name}: ${said}`);
    else if (write) failures.push(`docs/clients.md needs every client, and ${said}`);
    return null;
  }
}

interface Ground extends Pick<World, 'book' | 'missing' | 'title'> {
  readonly gateway: LiveGateway;
}

function worldOf({ gateway, ...reference }: Ground, { tls, protocol }: Way): World {
  const { port, adminPort, caFile } = gateway;
  const target = { port, tls, protocol, caFile, pageUrl: page.origin, cache };
  return { ...reference, target, adminPort };
}

async function passes(name: string, work: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end within ${CHECK_MS} ms`)), CHECK_MS);
  });
  try {
    await Promise.race([work(), late]);
    return true;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    failures.push(`${name}: ${said.slice(0, 2_000)}`);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

function print(target: string[], line: string): void {
  console.log(line);
  target.push(line);
}

function comparePage(made: readonly string[]): void {
  if (failures.length > 0) return;
  if (write) {
    if (names.length > 0) throw new Error('--write needs every client');
    table.writePage(PAGE, made);
    return;
  }
  for (const line of table.missingInPage(PAGE, made)) {
    failures.push(`docs/clients.md lacks this line; npm run clients -- --write: ${line}`);
  }
}
