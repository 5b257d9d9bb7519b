/**
 * `npm run attacks`: each attack on the running gateway while a well-behaved client goes on asking. Prints the table of docs/security.md;
 * fails where a bound has not stopped its attack, or where the good client was let down.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { startGoodClient } from './attacks/good-client.ts';
import { HTTP2_ATTACKS } from './attacks/http2.ts';
import { observe, residentMb } from './attacks/observe.ts';
import type { Attack, Measured } from './attacks/types.ts';
import { type LiveGateway, startLiveGateway } from './lib/live-gateway.ts';

const ATTACKERS = join(import.meta.dirname, 'attacks/attacker-process.ts');
const ATTACK_TIMEOUT_MS = 30_000;
/** How much the gateway may grow by an attack. */
const MAX_GROWTH_MB = 150;
const MAX_DELAY_MS = 500;
/** Short, so that a run takes a minute; the defaults are in docs/limits.md. */
const LIMITS = { firstByte: '2s', head: '2s', body: '2s', write: '2s' };
const words = process.argv.slice(2);

const cache = join(resolve(import.meta.dirname, '..'), '.cache/attacks');
const gateway = await startLiveGateway(cache, LIMITS);
try {
  console.log(
    '| attack | stopped by | times | memory MB (grown by) | longest delay ms | good client |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const attack of HTTP2_ATTACKS) {
    if (words.length > 0 && !words.some((word) => attack.name.includes(word))) continue;
    const measured = await measure(attack, gateway);
    console.log(rowOf(measured));
    for (const problem of problemsOf(measured)) {
      console.error(`${attack.name}: ${problem}`);
      process.exitCode = 1;
    }
  }
} finally {
  gateway.close();
}

async function measure(attack: Attack, { port, adminPort, pid }: LiveGateway): Promise<Measured> {
  const before = await observe(adminPort, pid);
  const client = startGoodClient(port);
  let peakMb = before.residentMb;
  const watch = setInterval(() => (peakMb = Math.max(peakMb, residentMb(pid))), 50);
  await attackers(port, attack.name);
  clearInterval(watch);
  await client.stop();
  const after = await observe(adminPort, pid);
  const { good, failed, lastFailure } = client;
  return {
    name: attack.name,
    limit: attack.limit,
    stopped: (after.limits.get(attack.limit) ?? 0) - (before.limits.get(attack.limit) ?? 0),
    peakMb,
    grownMb: peakMb - before.residentMb,
    delayMs: after.delayMs,
    good,
    failed,
    lastFailure,
  };
}

/** Resolves when they have given up. */
function attackers(port: number, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [ATTACKERS, String(port), name], {
      stdio: 'inherit',
      timeout: ATTACK_TIMEOUT_MS,
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the attackers of ${name} ended with ${code}`));
    });
  });
}

function rowOf(measured: Measured): string {
  const { name, limit, stopped, peakMb, grownMb, delayMs, good, failed } = measured;
  const memory = `${peakMb.toFixed(0)} (${grownMb.toFixed(0)})`;
  const client = failed === 0 ? `${good} answers` : `${good} answers, ${failed} failed`;
  return `| ${name} | \`${limit}\` | ${stopped} | ${memory} | ${delayMs.toFixed(0)} | ${client} |`;
}

function problemsOf({
  limit,
  stopped,
  grownMb,
  delayMs,
  good,
  failed,
  lastFailure,
}: Measured): string[] {
  const problems: string[] = [];
  if (stopped === 0) problems.push(`the bound ${limit} has stopped nothing`);
  if (good === 0 || failed > 0)
    problems.push(`${failed} requests of the good client failed: ${lastFailure}`);
  if (grownMb > MAX_GROWTH_MB) problems.push(`the gateway has grown by ${grownMb.toFixed(0)} MB`);
  if (delayMs > MAX_DELAY_MS) problems.push(`the event loop stood still for ${delayMs} ms`);
  return problems;
}
