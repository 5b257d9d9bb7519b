/** What the benchmark hands to contestants: their configuration, and the answers of the canned upstream. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspectedGateway } from '../../../bench/contestants/polygate.ts';
import { ITEM, ORDER, ORDER_LIST, price } from '../../../bench/lib/messages.ts';
import { filled } from '../../../bench/lib/paths.ts';
import { methodOf, orderToJson, SERVICE } from '../../../bench/lib/proto.ts';
import { cannedUpstream } from '../../../bench/upstream/canned.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { makePlan } from '../../../src/config/plan.ts';
import { validate } from '../../../src/config/validate.ts';

function folder(t: { after(work: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'polygate-bench-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('the configuration of polygate is one that polygate takes', async (t) => {
  const place = { folder: folder(t), port: 8080, adminPort: 9901, upstreamPort: 50_051 };
  // From the sources: a fresh checkout has no build.
  const { args, env } = inspectedGateway(0).command(place);
  assert.deepEqual(env, { NODE_ENV: 'production' });
  const { config, file } = await loadConfig(args.at(-1) ?? '', place.folder);
  const plan = makePlan(validate(config), file);
  assert.deepEqual(
    plan.upstreams.map(({ endpoints }) => endpoints.map(({ address }) => address)),
    [['127.0.0.1:50051']],
  );
});

test('a template without a value for one of its names is an error', () => {
  assert.throws(() => filled('upstream/nginx.conf.template', { PORT: 1 }), /wants FOLDER/);
  const text = filled('upstream/nginx.conf.template', { PORT: 1234, FOLDER: '/f' });
  assert.match(text, /listen 127\.0\.0\.1:1234 http2/);
  // nginx's own variables stay.
  assert.match(text, /error_page 405 =200 \/canned\$uri;/);
});

test('the sizes of messages are those that the table names', (t) => {
  assert.equal(near(JSON.stringify(ITEM).length, 140), true);
  assert.equal(near(Buffer.byteLength(JSON.stringify(ORDER)), 660), true);
  assert.equal(near(Buffer.byteLength(JSON.stringify(ORDER_LIST)), 200_000), true);
  assert.equal(methodOf('WatchPrices').responseSerialize(price(1)).length, 75);
  const path = folder(t);
  cannedUpstream(path, 1);
  const file = (name: string): Buffer => readFileSync(join(path, 'canned', SERVICE, name));
  const item = file('GetItem');
  assert.equal(item.readUInt32BE(1), item.length - 5);
  assert.deepEqual({ ...methodOf('GetItem').responseDeserialize(item.subarray(5)) }, ITEM);
  const order = methodOf('PlaceOrder').responseDeserialize(file('PlaceOrder').subarray(5));
  assert.equal(JSON.stringify(orderToJson(order)), JSON.stringify(ORDER));
  assert.ok(file('WatchPrices').length >= 20_000 * 75);
});

/** Within 5 percent. */
function near(value: number, wanted: number): boolean {
  return Math.abs(value / wanted - 1) < 0.05;
}
