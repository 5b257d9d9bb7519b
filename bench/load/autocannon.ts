/** autocannon, where wrk is missing: the same load, but it takes more of the core that it shares with the service. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder } from '../lib/paths.ts';
import { run } from '../lib/run.ts';
import { output } from './output.ts';
import { InvalidRun, type Load, type UnaryLoad } from './types.ts';

interface Summary {
  readonly requests: { readonly total: number };
  readonly throughput: { readonly total: number };
  readonly latency: { readonly p50: number; readonly p99: number };
  /** Seconds. */
  readonly duration: number;
  readonly errors: number;
  readonly timeouts: number;
  readonly non2xx: number;
}

const VERSION = '8.0.0';

/** Installs it and says its version. */
export function prepareAutocannon(): string {
  const words = ['install', '--no-save', '--prefix', folder('autocannon')];
  if (!existsSync(script())) run('npm', [...words, `autocannon@${VERSION}`]);
  return VERSION;
}

export async function autocannon(load: UnaryLoad): Promise<Load> {
  const { port, connections, seconds, request, bodyBytes } = load;
  const headers = Object.entries(request.headers ?? {}).flatMap((pair) => ['-H', pair.join('=')]);
  const file = join(folder('autocannon'), 'body.bin');
  if (request.body !== undefined) writeFileSync(file, request.body);
  const body = request.body === undefined ? [] : ['-i', file];
  const how = ['-c', connections, '-d', seconds, '-m', request.method].map(String);
  const url = `http://127.0.0.1:${port}${request.path}`;
  const args = [script(), '--json', '--no-progress', ...how, ...headers, ...body, url];
  const text = await output(process.execPath, args, { seconds });
  const summary = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)) as Summary;
  const { requests, throughput, latency, duration, errors, timeouts, non2xx } = summary;
  if (errors + timeouts + non2xx > 0) {
    throw new InvalidRun(`autocannon: ${errors} errors, ${timeouts} timeouts, ${non2xx} not 2xx`);
  }
  if (requests.total === 0) throw new InvalidRun('no request was answered');
  if (throughput.total < requests.total * bodyBytes) {
    throw new InvalidRun(`${requests.total} answers had only ${throughput.total} bytes`);
  }
  const elapsedMs = duration * 1000;
  return { answers: requests.total, elapsedMs, p50Ms: latency.p50, p99Ms: latency.p99 };
}

function script(): string {
  return join(folder('autocannon'), 'node_modules/autocannon/autocannon.js');
}
