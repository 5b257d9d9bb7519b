/** How long a call may take: the client's wish shortens it and never more, and its end is told like any other. */
import assert from 'node:assert/strict';
import type { GatewayError } from '../../../src/call/error.ts';
import { inboundCase, kindsOf, readEnd, type Setting, SLOT_MS } from './front.ts';
import { allItems, neverAnswering, replyWith, StreamedReply } from './service.ts';

const ITEM = { name: 'one', count: 1 };

export function deadlineCases(setting: Setting): void {
  for (const kind of kindsOf(setting)) {
    inboundCase(setting, `${kind}: the deadline of a client only shortens`, async (front) => {
      const deadlines: number[] = [];
      front.before = (call) => call.shorten(call.startMs + 5_000);
      front.script = async (call) => {
        deadlines.push(call.deadlineMs - call.startMs);
        await allItems(call.body);
        return replyWith(call, [ITEM]);
      };
      for (const timeoutMs of [1_500, 9_000]) {
        await readEnd(front.send(kind, [ITEM], { timeoutMs }), [ITEM]);
      }
      assert.deepEqual(deadlines, [1_500, 5_000]);
    });

    inboundCase(setting, `${kind}: a deadline before the answer`, async (front) => {
      const cancels: GatewayError[] = [];
      const begun = Promise.withResolvers<void>();
      front.script = async (call) => {
        await allItems(call.body);
        begun.resolve();
        return neverAnswering(call, cancels);
      };
      const client = front.send(kind, [ITEM], { timeoutMs: 100 });
      await begun.promise;
      front.clock.advance(90);
      assert.deepEqual(cancels, [], 'never early');
      front.clock.advance(10 + SLOT_MS);
      const { code, details } = await readEnd(client);
      assert.equal(code, 'DEADLINE_EXCEEDED');
      assert.deepEqual(details, [{ reason: 'PG_DEADLINE_EXCEEDED', domain: 'polygate' }]);
      assert.equal(cancels.length, 1);
      assert.equal((await front.outcome()).error, cancels[0]);
    });
  }

  for (const kind of kindsOf(setting, ['server_stream', 'bidi'])) {
    inboundCase(setting, `${kind}: a deadline within the stream`, async (front) => {
      const begun = Promise.withResolvers<StreamedReply>();
      front.script = (call) => {
        const streamed = new StreamedReply(call);
        begun.resolve(streamed);
        streamed.give(ITEM);
        return Promise.resolve(streamed.reply);
      };
      const client = front.send(kind, [ITEM], { timeoutMs: 100 });
      const streamed = await begun.promise;
      assert.deepEqual((await client.next())?.item, ITEM);
      front.clock.advance(100 + SLOT_MS);
      const { code } = await readEnd(client);
      assert.deepEqual([code, streamed.cancels.length], ['DEADLINE_EXCEEDED', 1]);
    });
  }
}
