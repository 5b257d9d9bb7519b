import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { createLog, type LogLevel } from '../../../src/telemetry/log.ts';
import { ManualClock } from '../../support/manual-clock.ts';

async function linesAt(level: LogLevel): Promise<unknown[]> {
  const lines: string[] = [];
  const log = await createLog({
    level,
    destination: { write: (line) => lines.push(line) },
    clock: new ManualClock(250),
  });
  log.debug({ n: 1 }, 'a');
  log.info({ n: 2 }, 'b');
  log.warn({ n: 3 }, 'c');
  log.error({ n: 4 }, 'd');
  await log.flush();
  return lines.map((line) => JSON.parse(line) as unknown);
}

/** Runs a module that uses the log over a real standard output. */
function run(code: string): ReturnType<typeof spawn> {
  const source = new URL('../../../src/telemetry/log.ts', import.meta.url).href;
  const script = `import { createLog } from ${JSON.stringify(source)};\n${code}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
  });
}

describe('log', () => {
  test('a line is one JSON object with level, time of the given clock, fields and message', async () => {
    assert.deepEqual(await linesAt('warn'), [
      { level: 'warn', time: '2030-01-01T00:00:00.250Z', n: 3, msg: 'c' },
      { level: 'error', time: '2030-01-01T00:00:00.250Z', n: 4, msg: 'd' },
    ]);
  });

  test('levels below the chosen one are left out', async () => {
    assert.equal((await linesAt('debug')).length, 4);
    assert.equal((await linesAt('info')).length, 3);
    assert.equal((await linesAt('error')).length, 1);
    assert.equal((await linesAt('silent')).length, 0);
  });

  test('a line end in a field cannot start a new line', async () => {
    const lines: string[] = [];
    const log = await createLog({
      level: 'info',
      destination: { write: (line) => lines.push(line) },
    });
    log.info({ path: '/a\n{"level":"error"}' }, 'x\ny');
    assert.equal(lines.join('').split('\n').length, 2);
  });

  test('after flush nothing is lost, whatever ends the process', async () => {
    const child = run(`
      const log = await createLog({ level: 'info' });
      for (let n = 0; n < 2000; n++) log.info({ n, pad: 'x'.repeat(200) }, 'line');
      await log.flush();
      process.kill(process.pid, 'SIGKILL');
    `);
    assert.ok(child.stdout);
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    assert.equal(lines.length, 2000);
    assert.equal((JSON.parse(lines[1999] ?? '') as { n: number }).n, 1999);
  });

  test('lines that a slow reader leaves no room for are dropped, and the log says how many', async () => {
    const child = run(`
      const log = await createLog({ level: 'info' });
      for (let n = 0; n < 30000; n++) log.info({ n, pad: 'x'.repeat(200) }, 'line');
      await log.flush();
      log.info({}, 'last');
      await log.flush();
    `);
    assert.ok(child.stdout);
    const lines = (await text(child.stdout)).trimEnd().split('\n');
    const [note, last] = lines.slice(-2).map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(last?.['msg'], 'last');
    assert.equal(note?.['level'], 'warn');
    assert.equal(note?.['dropped'], 30_000 - (lines.length - 2));
  });

  test('a plain end of the process writes what is left', async () => {
    const child = run(`
      const log = await createLog({ level: 'info' });
      for (let n = 0; n < 200; n++) log.info({ n }, 'line');
    `);
    assert.ok(child.stdout);
    assert.equal((await text(child.stdout)).trimEnd().split('\n').length, 200);
  });

  test('a reader that goes away does not end the gateway, and flush still comes back', async () => {
    const child = run(`
      import { text } from 'node:stream/consumers';
      const log = await createLog({ level: 'info' });
      log.info({}, 'first');
      await log.flush();
      await text(process.stdin);
      for (let n = 0; n < 50; n++) { log.info({ n }, 'x'); await log.flush(); }
      process.exitCode = 7;
    `);
    const { stdout } = child;
    assert.ok(stdout);
    await new Promise((resolve) => {
      stdout.once('data', resolve);
    });
    stdout.destroy();
    child.stdin?.end();
    assert.equal(await exitOf(child), 7);
  });
});
