/** What the gateway says of itself, and what the system says of its process. */
import { readFileSync } from 'node:fs';

export interface Observed {
  readonly residentMb: number;
  /** The longest since the last look. */
  readonly delayMs: number;
  /** How often each bound has stopped something, by its label; `timeout` is that of calls. */
  readonly limits: ReadonlyMap<string, number>;
}

export async function observe(adminPort: number, pid: number): Promise<Observed> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  const text = await answer.text();
  const limits = new Map<string, number>();
  for (const [, name = '', count] of text.matchAll(/limit="(\w+)"[^}]*\} (\d+)/g)) {
    limits.set(name, (limits.get(name) ?? 0) + Number(count));
  }
  for (const [, count] of text.matchAll(/^polygate_calls_total\{.*DEADLINE_EXCEEDED.*\} (\d+)/gm)) {
    limits.set('timeout', (limits.get('timeout') ?? 0) + Number(count));
  }
  const delay = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1];
  if (delay === undefined) throw new Error('no delay of the event loop among the metrics');
  return { residentMb: residentMb(pid), delayMs: Number(delay) * 1_000, limits };
}

export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
