/** What the gateway has open: calls by its metrics, connections by the system. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface CallsIn {
  readonly atGateway: number;
  readonly atService: number;
}

const WAIT_MS = 5_000;
const LOOK_EVERY_MS = 20;
const LISTEN = '0A';

export async function callsIn(adminPort: number): Promise<CallsIn> {
  const answer = await fetch(`http://127.0.0.1:${adminPort}/metrics`);
  const text = await answer.text();
  const sum = (name: string): number => {
    const samples = [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} (\\d+)$`, 'gm'))];
    if (samples.length === 0) throw new Error(`no ${name} among the metrics`);
    return samples.reduce((total, [, value]) => total + Number(value), 0);
  };
  return {
    atGateway: sum('polygate_calls_in_flight'),
    atService: sum('polygate_upstream_streams'),
  };
}

/** Connections to `port` of 127.0.0.1 that a process still holds on that side. */
export function connectionsAt(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n').slice(1);
  return rows.filter((row) => {
    const fields = row.trim().split(/\s+/);
    // The kernel alone holds those without an inode, as in TIME_WAIT.
    return fields[1] === local && fields[3] !== LISTEN && fields[9] !== '0';
  }).length;
}

/** Rejects, naming `what`, where that doesn't become true in time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + WAIT_MS; performance.now() < endMs; ) {
    if (await holds()) return;
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`not within ${WAIT_MS} ms: ${what}`);
}
