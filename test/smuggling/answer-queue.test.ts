/** Answers that a service sends unasked are for no call, not for the next one on that connection. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { allItems, type Target, targetOn } from '../contract/outbound/harness.ts';
import { untilStill } from '../support/raw-connection.ts';
import { goodAnswer, type RawService, startRawService } from '../support/raw-service.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';

async function start(t: TestContext): Promise<Target & { readonly service: RawService }> {
  const service = await startRawService(t);
  return { service, ...targetOn(t, makeRestOutbound, service.port) };
}

test('an answer that nobody has asked for belongs to no call', async (t) => {
  const { service, send } = await start(t);
  service.script = (socket) =>
    void socket.write(goodAnswer({ name: 'mine' }) + goodAnswer({ name: 'smuggled' }));
  assert.deepEqual(await allItems(await send().reply), [{ name: 'mine' }]);
  service.script = (socket) => void socket.write(goodAnswer({ name: 'second' }));
  assert.deepEqual(await allItems(await send().reply), [{ name: 'second' }]);
});

test('an answer that comes while nobody waits takes the connection with it', async (t) => {
  const { service, send } = await start(t);
  for (let i = 1; i < 4; i++) {
    const answered = Promise.withResolvers<Socket>();
    service.script = (socket) => {
      socket.write(goodAnswer({ count: i }));
      answered.resolve(socket);
    };
    assert.deepEqual(await allItems(await send().reply), [{ count: i }]);
    (await answered.promise).write(goodAnswer({ name: 'smuggled' }));
    await untilStill(() => service.connections);
    assert.equal(service.accepted, i);
  }
});
