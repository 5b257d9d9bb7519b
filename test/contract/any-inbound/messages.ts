/** Messages of every kind, both ways: whole, in order, however they were cut. */
import assert from 'node:assert/strict';
import type { CallKind } from '../../../src/call/types.ts';
import type { Item } from '../../support/clients/messages.ts';
import { inboundCase, kindsOf, readEnd, type Setting } from './front.ts';
import { allItems, nextItem, replyWith, singleAnswer } from './service.ts';

const EMPTY: Item = { name: '', count: 0 };
const SMALL: Item = { name: 'a "ü"\n', count: 7 };
const LARGE: Item = { name: 'x'.repeat(300_000), count: 300 };
const ALL: readonly Item[] = [SMALL, EMPTY, LARGE, EMPTY, { name: 'last', count: 2 }];

export function messageCases(setting: Setting): void {
  const { capabilities } = setting.adapter;
  for (const kind of kindsOf(setting)) {
    const requests = single(kind) ? ALL.map((item) => [item]) : [ALL];
    const answers = singleAnswer(kind) ? ALL.map((item) => [item]) : [ALL];

    inboundCase(setting, `${kind}: request messages arrive whole and in order`, async (front) => {
      for (const items of requests) {
        if (!capabilities.large && items.includes(LARGE)) continue;
        let got: Item[] = [];
        front.script = async (call) => {
          got = await allItems(call.body);
          return replyWith(call, [SMALL]);
        };
        const end = await readEnd(front.send(kind, items), [SMALL]);
        assert.deepEqual([got, end.code], [items, 'OK'], end.message);
      }
    });

    inboundCase(setting, `${kind}: answers arrive whole and in order`, async (front) => {
      for (const items of answers) {
        front.script = async (call) => {
          await allItems(call.body);
          return replyWith(call, items);
        };
        const end = await readEnd(front.send(kind, [SMALL]), items);
        assert.deepEqual([end.code, end.httpStatus], ['OK', 200], end.message);
        const { code, error, httpStatus } = await front.outcome();
        assert.deepEqual([code, error, httpStatus], ['OK', null, 200]);
      }
    });

    inboundCase(setting, `${kind}: a request in pieces of one byte`, async (front) => {
      front.wire.trickles = true;
      const items = single(kind) ? [SMALL] : [SMALL, EMPTY, SMALL];
      let got: Item[] = [];
      front.script = async (call) => {
        got = await allItems(call.body);
        return replyWith(call, [SMALL]);
      };
      const end = await readEnd(front.send(kind, items), [SMALL]);
      assert.deepEqual([got, end.code], [items, 'OK'], end.message);
    });

    inboundCase(setting, `${kind}: 50 calls at a time, each with its own answer`, async (front) => {
      front.script = async (call) => replyWith(call, [(await nextItem(call.body)) ?? EMPTY]);
      const items = Array.from({ length: 50 }, (_, count) => ({ name: `call ${count}`, count }));
      const ends = await Promise.all(
        items.map((item) => readEnd(front.send(kind, [item]), [item])),
      );
      assert.ok(ends.every(({ code }) => code === 'OK'));
      assert.equal(front.exchanges.answers, 50);
    });
  }
}

function single(kind: CallKind): boolean {
  return kind === 'unary' || kind === 'server_stream';
}
