/** Streams: what is there before the end is there for the other side. */
import assert from 'node:assert/strict';
import type { CallKind } from '../../../src/call/types.ts';
import type { Item } from '../../support/clients/messages.ts';
import { inboundCase, isFullDuplex, kindsOf, readEnd, type Setting } from './front.ts';
import {
  allItems,
  metadataOf,
  nextItem,
  replyEnding,
  replyWith,
  StreamedReply,
} from './service.ts';
import { OK } from '../../../src/call/status.ts';

const ITEM: Item = { name: 'one', count: 1 };
const items = [1, 2, 3].map((count) => ({ name: `item ${count}`, count }));

export function streamCases(setting: Setting): void {
  for (const kind of kindsOf(setting, ['client_stream', 'bidi'])) uploadCases(setting, kind);
  for (const kind of kindsOf(setting, ['server_stream', 'bidi'])) answerCases(setting, kind);
  if (kindsOf(setting, ['bidi']).length > 0 && isFullDuplex(setting)) {
    inboundCase(setting, 'bidi: messages of both sides in turn', async (front) => {
      front.script = (call) => {
        const streamed = new StreamedReply(call, { unread: true });
        void (async () => {
          for (let item = await nextItem(call.body); item; item = await nextItem(call.body)) {
            streamed.give({ name: item.name.toUpperCase(), count: item.count });
          }
          streamed.end();
        })();
        return Promise.resolve(streamed.reply);
      };
      const call = front.open({ kind: 'bidi' });
      for (const item of items) {
        call.send(item);
        const answer = await call.next();
        assert.deepEqual(answer?.item, { ...item, name: item.name.toUpperCase() });
      }
      call.halfClose();
      assert.equal((await readEnd(call)).code, 'OK');
    });
  }
}

function uploadCases(setting: Setting, kind: CallKind): void {
  inboundCase(
    setting,
    `${kind}: the call begins with its head, each message arrives before the next, then the half-close`,
    async (front) => {
      const begun = Promise.withResolvers<void>();
      const got: (Item | undefined)[] = [];
      let look = (): void => {};
      front.script = async (call) => {
        begun.resolve();
        for (;;) {
          const item = await nextItem(call.body);
          got.push(item);
          look();
          if (item === undefined) return replyWith(call, [ITEM]);
        }
      };
      const until = (count: number): Promise<void> =>
        new Promise((resolve) => {
          look = () => {
            if (got.length >= count) resolve();
          };
          look();
        });
      const call = front.open({ kind });
      await begun.promise;
      for (const [index, item] of items.entries()) {
        call.send(item);
        await until(index + 1);
      }
      await front.still();
      assert.deepEqual(got, items, 'an upload without its half-close has no end');
      call.halfClose();
      await until(items.length + 1);
      assert.equal((await readEnd(call, [ITEM])).code, 'OK');
    },
  );

  inboundCase(setting, `${kind}: an upload without a message is none`, async (front) => {
    let first: Item | undefined = ITEM;
    front.script = async (call) => {
      first = await nextItem(call.body);
      return replyWith(call, [ITEM]);
    };
    const end = await readEnd(front.send(kind, []), [ITEM]);
    assert.deepEqual([first, end.code], [undefined, 'OK'], end.message);
  });

  if (kind === 'bidi' && !isFullDuplex(setting)) return;
  inboundCase(setting, `${kind}: an answer before the half-close is the answer`, async (front) => {
    front.script = async (call) => {
      await nextItem(call.body);
      return replyWith(call, [ITEM]);
    };
    const call = front.open({ kind });
    call.send(ITEM);
    assert.equal((await readEnd(call, [ITEM])).code, 'OK');
    assert.equal((await front.outcome()).code, 'OK');
  });
}

function answerCases(setting: Setting, kind: CallKind): void {
  const { earlyHead } = setting.adapter.client.capabilities;
  inboundCase(
    setting,
    `${kind}: the head ${earlyHead ? 'comes before' : 'waits for'} the first message`,
    async (front) => {
      const begun = Promise.withResolvers<StreamedReply>();
      front.script = (call) => {
        const streamed = new StreamedReply(call, { metadata: metadataOf(['x-told', 'a']) });
        begun.resolve(streamed);
        return Promise.resolve(streamed.reply);
      };
      const call = front.send(kind, [ITEM]);
      const streamed = await begun.promise;
      let told: Readonly<Record<string, string>> | null = null;
      const head = call.head.then((fields) => (told = fields));
      if (earlyHead) await head;
      await front.still();
      assert.equal(told !== null, earlyHead);
      streamed.give(ITEM);
      assert.equal((await head)['x-told'], 'a');
      streamed.end();
      assert.equal((await readEnd(call, [ITEM])).code, 'OK');
    },
  );

  inboundCase(setting, `${kind}: each message arrives before the next is there`, async (front) => {
    const begun = Promise.withResolvers<StreamedReply>();
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      begun.resolve(streamed);
      return Promise.resolve(streamed.reply);
    };
    const call = front.send(kind, [ITEM]);
    const streamed = await begun.promise;
    for (const item of items) {
      streamed.give(item);
      assert.deepEqual((await call.next())?.item, item);
    }
    streamed.end();
    assert.equal((await readEnd(call)).code, 'OK');
  });

  inboundCase(setting, `${kind}: a stream without a message is one`, async (front) => {
    front.script = async (call) => {
      await allItems(call.body);
      return replyWith(call, []);
    };
    assert.equal((await readEnd(front.send(kind, [ITEM]))).code, 'OK');
    front.script = () => Promise.resolve(replyEnding(OK));
    assert.equal((await readEnd(front.send(kind, [ITEM]))).code, 'OK');
  });
}
