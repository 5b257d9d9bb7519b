/** h2load, three ways: as fast as it goes over HTTP/2, a counted number of requests, and a fixed rate over HTTP/1.1. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { percentile, withOmitted } from '../lib/statistics.ts';
import { Unavailable } from '../lib/unavailable.ts';
import { output } from './output.ts';
import { InvalidRun, type Load } from './types.ts';

interface Target {
  readonly port: number;
  readonly path: string;
  /** Of one answer. */
  readonly bodyBytes: number;
}

interface Grpc extends Target {
  readonly connections: number;
  readonly streams: number;
  readonly seconds: number;
  /** An envelope with its message. */
  readonly body: Buffer;
  readonly folder: string;
}

interface Counted extends Target {
  readonly connections: number;
  readonly requests: number;
  /** How long it may take. */
  readonly seconds: number;
}

interface Paced extends Target {
  readonly perSecond: number;
  readonly seconds: number;
  readonly folder: string;
}

interface Summary {
  readonly answers: number;
  readonly elapsedMs: number;
  readonly bytes: number;
}

/** h2load's timer has 10 ms, so a client can't send more often without bursts. */
const INTERVAL_MS = 10;
/** Of the rate that was asked for; below it latencies say nothing of that rate. */
const KEPT = 0.97;

export async function grpcLoad(load: Grpc): Promise<Load> {
  const { connections, streams, seconds, body, folder, bodyBytes } = load;
  const data = join(folder, 'request.bin');
  writeFileSync(data, body);
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
  const how = [`-c${connections}`, `-m${streams}`, `-D${seconds}`, '-d', data, ...headers];
  const { answers, elapsedMs, bytes } = await run(load, how, seconds);
  // gRPC fails with status 200 and no message. What is cut off at the end of the time may have been counted.
  if (bytes < answers * bodyBytes) throw new InvalidRun(`${answers} calls had only ${bytes} bytes`);
  return { answers, elapsedMs };
}

export async function countedLoad(load: Counted): Promise<Load> {
  const { connections, requests, seconds, bodyBytes } = load;
  const how = ['--h1', `-c${connections}`, `-n${requests}`];
  const { answers, elapsedMs, bytes } = await run(load, how, seconds);
  if (answers !== requests || bytes !== requests * bodyBytes) {
    throw new InvalidRun(`${answers} answers of ${requests}, ${bytes} bytes`);
  }
  return { answers, elapsedMs };
}

/**
 * One client for each 100 requests a second, started a millisecond apart so that they don't send in bursts. h2load times a request from
 * when it was sent, not from when it should have been; `withOmitted` puts that right.
 */
export async function pacedLoad(load: Paced): Promise<Load> {
  const { perSecond, seconds, folder, bodyBytes } = load;
  const clients = Math.round((perSecond * INTERVAL_MS) / 1000);
  const requests = perSecond * seconds;
  const log = join(folder, 'latencies.tsv');
  writeFileSync(log, '');
  const spaced = ['-r1', '--rate-period=1ms', `--rps=${1000 / INTERVAL_MS}`];
  const how = ['--h1', `-c${clients}`, `-n${requests}`, ...spaced, `--log-file=${log}`];
  const { answers, elapsedMs, bytes } = await run(load, how, seconds);
  if (answers !== requests || bytes !== requests * bodyBytes) {
    throw new InvalidRun(`${answers} answers of ${requests}, ${bytes} bytes`);
  }
  // The first clients are done before the last.
  const expectedMs = seconds * 1000 + clients;
  if (elapsedMs > expectedMs / KEPT) {
    const kept = ((expectedMs * 100) / elapsedMs).toFixed(0);
    throw new Unavailable(`only ${kept} % of ${perSecond} requests/s were kept`);
  }
  const latencies = withOmitted(latenciesMs(readFileSync(log, 'utf8')), INTERVAL_MS);
  const [p50Ms, p99Ms] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  return { answers, elapsedMs, p50Ms, p99Ms };
}

async function run(
  { port, path }: Target,
  how: readonly string[],
  seconds: number,
): Promise<Summary> {
  return summaryOf(
    await output('h2load', [...how, `http://127.0.0.1:${port}${path}`], { seconds }),
  );
}

/** Throws unless every request that was answered was answered with 2xx. */
export function summaryOf(text: string): Summary {
  const counts = /(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/.exec(
    text,
  );
  const time = /^finished in ([\d.]+)(us|ms|s|m)\b/m.exec(text);
  const bytes = /\((\d+)\) data$/m.exec(text)?.[1];
  const status = /^status codes: (\d+) 2xx/m.exec(text)?.[1];
  if (counts === null || time === null || bytes === undefined || status === undefined) {
    throw new InvalidRun(`h2load said: ${text}`);
  }
  const [done = 0, succeeded = 0, ...failures] = counts.slice(1).map(Number);
  if (failures.some((count) => count > 0) || done !== succeeded || Number(status) < succeeded) {
    throw new InvalidRun(`h2load counted failures: ${counts[0]}, ${status} of them 2xx`);
  }
  if (succeeded === 0) throw new InvalidRun('no request was answered');
  return { answers: succeeded, elapsedMs: Number(time[1]) * unitMs(time[2]), bytes: Number(bytes) };
}

/** Start in microseconds, status, duration in microseconds. */
function latenciesMs(log: string): number[] {
  const lines = log.split('\n').filter(Boolean);
  return lines.map((line) => Number(line.split('\t')[2]) / 1000);
}

function unitMs(unit: string | undefined): number {
  return { us: 0.001, ms: 1, s: 1000, m: 60_000 }[unit ?? ''] ?? Number.NaN;
}
