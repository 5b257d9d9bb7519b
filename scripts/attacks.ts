/**
 * `npm run attacks`: each attack on the running gateway while a well-behaved client goes on asking. Prints the table of docs/security.md,
 * with `--write` into it; fails where a bound has not stopped its attack, where the good client was let down, and where the table there
 * has a row that was not measured, or the other way round. `npm run attacks -- WORD` runs those with the word in their name.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ATTACKS } from './attacks/all.ts';
import { problemsOfPage, writeTable } from './attacks/page.ts';
import { startGoodClient } from './attacks/good-client.ts';
import { observe, residentMb } from './attacks/observe.ts';
import type { Attack, Measured } from './attacks/types.ts';
import { type LiveGateway, startLiveGateway } from './lib/live-gateway.ts';

const ATTACKERS = join(import.meta.dirname, 'attacks/attacker-process.ts');
const ATTACK_TIMEOUT_MS = 30_000;
/** How much the gateway may grow by an attack. */
const MAX_GROWTH_MB = 150;
const MAX_DELAY_MS = 500;
/** Short, so that a run takes a minute and a half; docs/security.md says so, the defaults are in docs/limits.md. */
const LIMITS = {
  firstByte: '2s',
  head: '2s',
  body: '2s',
  write: '2s',
  connectionsPerAddress: 500,
};
const SETTINGS = { timeout: '4s' };
const HEAD = [
  '| attack | stopped by | times | memory MB before, peak, after | longest delay ms | good client |',
  '|---|---|---|---|---|---|',
];

const words = process.argv.slice(2).filter((word) => word !== '--write');
const write = process.argv.includes('--write');
const root = resolve(import.meta.dirname, '..');
const page = join(root, 'docs/security.md');

if (words.length === 0) for (const problem of problemsOfPage(page, ATTACKS)) fail(problem);
const gateway = await startLiveGateway(join(root, '.cache/attacks'), LIMITS, SETTINGS);
try {
  const table = [...HEAD];
  console.log(HEAD.join('\n'));
  for (const attack of ATTACKS) {
    if (words.length > 0 && !words.some((word) => attack.name.includes(word))) continue;
    const measured = await measure(attack, gateway);
    const row = rowOf(measured);
    table.push(row);
    console.log(row);
    for (const problem of problemsOf(measured)) fail(`${attack.name}: ${problem}`);
  }
  if (table.length === HEAD.length) fail('no attack has such a name');
  // A table of half of them, or one that shows a failure, is none.
  if (write && words.length === 0 && process.exitCode === undefined) writeTable(page, table);
} finally {
  gateway.close();
}

function fail(problem: string): void {
  console.error(problem);
  process.exitCode = 1;
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
    beforeMb: before.residentMb,
    peakMb,
    afterMb: after.residentMb,
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
  const { name, limit, stopped, delayMs, good, failed } = measured;
  const { beforeMb, peakMb, afterMb } = measured;
  const memory = [beforeMb, peakMb, afterMb].map((mb) => mb.toFixed(0)).join(', ');
  const client = failed === 0 ? `${good} answers` : `${good} answers, ${failed} failed`;
  return `| ${name} | \`${limit}\` | ${stopped} | ${memory} | ${delayMs.toFixed(0)} | ${client} |`;
}

function problemsOf({
  limit,
  stopped,
  beforeMb,
  peakMb,
  delayMs,
  good,
  failed,
  lastFailure,
}: Measured): string[] {
  const grownMb = peakMb - beforeMb;
  const problems: string[] = [];
  if (stopped === 0) problems.push(`the bound ${limit} has stopped nothing`);
  if (good === 0 || failed > 0)
    problems.push(`${failed} requests of the good client failed: ${lastFailure}`);
  if (grownMb > MAX_GROWTH_MB) problems.push(`the gateway has grown by ${grownMb.toFixed(0)} MB`);
  if (delayMs > MAX_DELAY_MS) problems.push(`the event loop stood still for ${delayMs} ms`);
  return problems;
}
