import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, describe, test } from 'node:test';
import { startAdmin, type Admin, type Readiness } from '../../../src/admin/admin.ts';
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts';
import { memoryLog } from '../../support/memory-log.ts';

const open: Admin[] = [];
after(() => Promise.all(open.map((admin) => admin.close())));

async function start(overrides: { metrics?: Metrics; readiness?: () => Readiness } = {}) {
  const log = memoryLog();
  const admin = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics(),
    readiness: () => ({ ready: true, reasons: [] }),
    log,
    ...overrides,
  });
  open.push(admin);
  const get = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${admin.port}${path}`, { method });
  return { admin, log, get };
}

describe('admin port', () => {
  test('/healthz is 200 even while the gateway is not ready', async () => {
    const { get } = await start({ readiness: () => ({ ready: false, reasons: ['draining'] }) });
    const response = await get('/healthz');
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { alive: true });
  });

  test('/readyz follows the readiness of the moment and says why not', async () => {
    let readiness: Readiness = { ready: false, reasons: ['the schema of bookstore is not loaded'] };
    const { get } = await start({ readiness: () => readiness });
    const before = await get('/readyz');
    assert.equal(before.status, 503);
    assert.deepEqual(await before.json(), readiness);
    readiness = { ready: true, reasons: [] };
    const after = await get('/readyz');
    assert.equal(after.status, 200);
    assert.equal(after.headers.get('cache-control'), 'no-store');
  });

  test('/metrics is the text of Prometheus', async () => {
    const metrics = createMetrics();
    metrics.route('r').finished('rest', 'OK', 1);
    const { get } = await start({ metrics });
    const response = await get('/metrics');
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /^polygate_calls_total\{.*\} 1$/m);
  });

  test('HEAD has the status and no body', async () => {
    const { get } = await start();
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      const response = await get(path, 'HEAD');
      assert.equal(response.status, 200, path);
      assert.equal(await response.text(), '');
    }
  });

  test('another path or verb is 404 in JSON', async () => {
    const { get } = await start();
    for (const response of [
      await get('/'),
      await get('/healthz/x'),
      await get('/metrics', 'PUT'),
    ]) {
      assert.equal(response.status, 404);
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
      assert.match(((await response.json()) as { error: string }).error, /\/healthz/);
    }
  });

  test('a fault inside is a 500 that tells the log and not the client', async () => {
    const { get, log } = await start({
      readiness: () => {
        throw new Error('secret');
      },
    });
    const response = await get('/readyz');
    assert.equal(response.status, 500);
    assert.ok(!(await response.text()).includes('secret'));
    assert.equal(log.lines[0]?.fields['reason'], 'secret');
  });

  test('a bad percent escape and a body are refused without a line in the log', async () => {
    const { admin, get, log } = await start();
    assert.equal((await get('/%zz')).status, 400);
    const response = await fetch(`http://127.0.0.1:${admin.port}/healthz`, {
      method: 'POST',
      body: '{}',
    });
    assert.ok(response.status >= 400 && response.status < 500);
    assert.deepEqual(log.lines, []);
  });

  test('a busy port is a sentence that names it', async () => {
    const { admin } = await start();
    await assert.rejects(
      startAdmin({
        host: '127.0.0.1',
        port: admin.port,
        metrics: createMetrics(),
        readiness: () => ({ ready: true, reasons: [] }),
        log: memoryLog(),
      }),
      {
        message: `the admin port cannot listen on 127.0.0.1:${admin.port}: another process listens there`,
      },
    );
  });

  test('close cuts idle and half-open connections', async () => {
    const { admin } = await start();
    const socket = connect(admin.port, '127.0.0.1');
    const closed = new Promise((resolve) => {
      socket.once('close', resolve);
    });
    socket.on('error', () => {});
    socket.write('GET /healthz HTTP/1.1\r\n');
    await new Promise((resolve) => {
      socket.once('connect', resolve);
    });
    await fetch(`http://127.0.0.1:${admin.port}/healthz`);
    await admin.close();
    await closed;
  });
});
