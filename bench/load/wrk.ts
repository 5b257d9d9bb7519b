/** wrk: as many requests as its connections get answered in the time given. */
import { join } from 'node:path';
import { output } from './output.ts';
import { InvalidRun, type Load, type UnaryLoad } from './types.ts';

interface Summary {
  readonly answers: number;
  readonly bytes: number;
  readonly durationUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly failures: Readonly<Record<string, number>>;
}

export async function wrk(load: UnaryLoad): Promise<Load> {
  const { port, connections, seconds, request, bodyBytes, inspects = false } = load;
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s'];
  const script = join(import.meta.dirname, 'wrk.lua');
  const env = {
    BENCH_METHOD: request.method,
    BENCH_HEADERS: Object.entries(request.headers ?? {})
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    // No environment has bytes that are zero.
    ...(request.body !== undefined && {
      BENCH_BODY_HEX: Buffer.from(request.body).toString('hex'),
    }),
    ...(inspects && { BENCH_ANSWER_BYTES: String(bodyBytes) }),
  };
  const url = `http://127.0.0.1:${port}${request.path}`;
  const text = await output('wrk', [...args, '-s', script, url], { env, seconds });
  const json = /^RESULT (.*)$/m.exec(text)?.[1];
  if (json === undefined) throw new InvalidRun(`wrk said: ${text}`);
  const summary = JSON.parse(json) as Summary;
  const failures = Object.entries(summary.failures).filter(([, count]) => count > 0);
  if (failures.length > 0) throw new InvalidRun(`wrk counted failures: ${failures.join(' ')}`);
  if (summary.answers === 0) throw new InvalidRun('no request was answered');
  if (summary.bytes < summary.answers * bodyBytes) {
    throw new InvalidRun(`${summary.answers} answers had only ${summary.bytes} bytes`);
  }
  return {
    answers: summary.answers,
    elapsedMs: summary.durationUs / 1000,
    p50Ms: summary.p50Us / 1000,
    p99Ms: summary.p99Us / 1000,
  };
}
