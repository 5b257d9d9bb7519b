/** The connections of a gateway to a service as an operator sees them: made ahead, shown at the admin port, let go while it drains. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createGateway, type Gateway } from 'polygate';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryLog } from '../support/memory-log.ts';
import { rawRequest, request } from '../support/raw-http.ts';
import {
  echo,
  type ScriptedCall,
  type ScriptedGrpc,
  startScriptedGrpc,
} from '../support/scripted-grpc.ts';

const get = '/v1/items/a';

test('warm connections stand before the first call, which needs none', async (t) => {
  const { peer, gateway } = await start(t, 2);
  while (peer.connections < 2) await turn();
  const numbers = await numbersOf(gateway);
  assert.equal(numbers.get('connections'), 2);
  assert.equal((await rawRequest(gateway.port, request('GET', get))).status, 200);
  assert.equal(peer.connections, 2);
});

test('the admin port shows what an endpoint has and had', async (t) => {
  const { peer, gateway } = await start(t, 0);
  const calls: ScriptedCall[] = [];
  const arrived = Promise.withResolvers<void>();
  peer.script = (call) => {
    calls.push(call);
    if (calls.length === 2) arrived.resolve();
  };
  assert.equal((await numbersOf(gateway)).get('connects_total{result="ok"}'), 0);
  const answers = [0, 1].map(() => rawRequest(gateway.port, request('GET', get)));
  await arrived.promise;
  const busy = await numbersOf(gateway);
  assert.deepEqual([busy.get('connections'), busy.get('streams'), busy.get('queued')], [1, 2, 0]);
  const [first, second] = calls;
  if (first !== undefined) await echo(first);
  second?.stream.close(2);
  assert.deepEqual(
    (await Promise.all(answers)).map(({ status }) => status).toSorted((a, b) => a - b),
    [200, 502],
  );
  const after = await numbersOf(gateway);
  assert.deepEqual(
    [
      'streams',
      'streams_total',
      'connects_total{result="ok"}',
      'aborted_streams_total{cause="reset"}',
    ].map((name) => after.get(name)),
    [0, 2, 1, 1],
  );
  assert.ok((after.get('bytes_total{direction="sent"}') ?? 0) > 100);
  assert.ok((after.get('bytes_total{direction="received"}') ?? 0) > 100);
});

test('a service that is not there is shown, and warmed when it comes', async (t) => {
  const peer = await startScriptedGrpc();
  const { port } = peer;
  await peer.close();
  const clock = new ManualClock();
  const gateway = await gatewayTo(t, port, { warm: 1, clock });
  const failed = async (): Promise<number> =>
    (await numbersOf(gateway)).get('connects_total{result="failed"}') ?? 0;
  while ((await failed()) === 0) await turn();
  const back = await startScriptedGrpc(port);
  t.after(() => back.close());
  clock.advance(5_000);
  while (back.connections === 0) await turn();
});

test('while the gateway drains, idle connections end and a call in flight keeps its own', async (t) => {
  const { peer, gateway } = await start(t, 3);
  while (peer.connections < 3) await turn();
  const arrived = Promise.withResolvers<ScriptedCall>();
  peer.script = arrived.resolve;
  const answer = rawRequest(gateway.port, request('GET', get));
  const call = await arrived.promise;
  const closed = gateway.close();
  while (peer.connections > 1) await turn();
  await echo(call);
  assert.equal((await answer).status, 200);
  assert.equal(await closed, 0);
  while (peer.connections > 0) await turn();
});

async function start(
  t: TestContext,
  warm: number,
): Promise<{ peer: ScriptedGrpc; gateway: Gateway }> {
  const peer = await startScriptedGrpc();
  t.after(() => peer.close());
  return { peer, gateway: await gatewayTo(t, peer.port, { warm, clock: new ManualClock() }) };
}

async function gatewayTo(
  t: TestContext,
  port: number,
  { warm, clock }: { warm: number; clock: ManualClock },
): Promise<Gateway> {
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: { port: 0 },
      upstreams: {
        peer: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${port}`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
          connections: { warm },
        },
      },
      routes: [{ services: '*', upstream: 'peer' }],
    },
    { clock, log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(() => gateway.close(true));
  return gateway;
}

/** By the end of the family's name, with the labels that are not those of the endpoint. */
async function numbersOf({ adminPort }: Gateway): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const lines = text.matchAll(
    /^polygate_upstream_(\w+)\{upstream="peer",endpoint="127\.0\.0\.1:\d+"(?:,([^}]*))?\} (\d+)$/gm,
  );
  return new Map(
    Array.from(lines, ([, name = '', labels, value]) => [
      labels === undefined ? name : `${name}{${labels}}`,
      Number(value),
    ]),
  );
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
