/** A slow reader slows the sender, on both sides. */
import assert from 'node:assert/strict';
import { GatewayError } from '../../../src/call/error.ts';
import { untilStill } from '../../support/raw-connection.ts';
import { type Front, inboundCase, kindsOf, readEnd, type Setting } from './front.ts';
import { nextItem, replyWith, StreamedReply } from './service.ts';

const ITEM = { name: 'one', count: 1 };
const BIG = { name: 'x'.repeat(15_000), count: 1 };

export function flowCases(setting: Setting): void {
  // Over HTTP/2 a stream has a window; over HTTP/1.1 the system's own buffers are the bound, and they are larger.
  const isHttp2 = setting.host.transport === 'h2c';
  const count = isHttp2 ? 700 : 1_400;
  const bound = isHttp2 ? 500 : 1_100;
  const [answering] = kindsOf(setting, ['server_stream', 'bidi']);
  if (answering !== undefined) {
    inboundCase(setting, 'a client that does not read stops the service', async (front) => {
      const streamed = streamWithoutEnd(front, count);
      const open = Promise.withResolvers<void>();
      front.wire.reads = open.promise;
      const client = front.send(answering, [ITEM]);
      const { pulls } = await stopped(await streamed);
      assert.ok(pulls > 0 && pulls < bound, `${pulls} messages were pulled`);
      open.resolve();
      let got = 0;
      while ((await client.next()) !== undefined) got++;
      assert.deepEqual([got, (await client.end).code], [count, 'OK']);
    });

    inboundCase(
      setting,
      'a call that waits for a client that does not read can be cancelled',
      async (front) => {
        const streamed = streamWithoutEnd(front, count);
        const open = Promise.withResolvers<void>();
        front.wire.reads = open.promise;
        const client = front.send(answering, [ITEM]);
        const { pulls } = await stopped(await streamed);
        front.call.cancel(new GatewayError('PG_DRAIN', 'shutting down'));
        await front.still();
        assert.equal((await streamed).pulls, pulls, 'nobody asks for more');
        open.resolve();
        let got = 0;
        while ((await client.next()) !== undefined) got++;
        assert.ok(got > 0 && got <= pulls + 1);
        assert.equal((await client.end).code, 'UNAVAILABLE');
      },
    );

    inboundCase(setting, 'a client that does not read and leaves is forgotten', async (front) => {
      const streamed = streamWithoutEnd(front, count);
      front.wire.reads = new Promise(() => {});
      const client = front.send(answering, [ITEM]);
      await stopped(await streamed);
      client.cancel();
      assert.equal((await front.outcome()).error?.pg, 'PG_CLIENT_GONE');
      assert.equal((await streamed).cancels.length, 1);
    });
  }

  const [uploading] = kindsOf(setting, ['client_stream', 'bidi']);
  if (uploading === undefined) return;
  inboundCase(setting, 'a service that does not read stops the client', async (front) => {
    const go = Promise.withResolvers<void>();
    let got = 0;
    front.script = async (call) => {
      await nextItem(call.body);
      await go.promise;
      for (let item = await nextItem(call.body); item; item = await nextItem(call.body)) got++;
      return replyWith(call, [ITEM]);
    };
    const client = front.open({ kind: uploading });
    for (let i = 0; i < count; i++) client.send(BIG);
    client.halfClose();
    const taken = await untilStill(() => front.wire.taken);
    assert.ok(taken < bound * BIG.name.length, `${taken} bytes were taken`);
    go.resolve();
    const { code } = await readEnd(client, [ITEM]);
    assert.deepEqual([code, got], ['OK', count - 1]);
  });
}

/** The service answers the next call with `count` messages as fast as it is asked for them. */
function streamWithoutEnd(front: Front, count: number): Promise<StreamedReply> {
  return new Promise((resolve) => {
    front.script = (call) => {
      let given = 0;
      const streamed = new StreamedReply(call, {
        onPull(self) {
          if (given++ < count) self.give(BIG);
          else self.end();
        },
      });
      resolve(streamed);
      return Promise.resolve(streamed.reply);
    };
  });
}

async function stopped(streamed: StreamedReply): Promise<StreamedReply> {
  await untilStill(() => streamed.pulls);
  return streamed;
}
