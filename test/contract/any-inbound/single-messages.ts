/** Methods that take one message, or give one, and get another number of them. */
import assert from 'node:assert/strict';
import { GatewayError } from '../../../src/call/error.ts';
import { OK } from '../../../src/call/status.ts';
import type { Item } from '../../support/clients/messages.ts';
import { inboundCase, kindsOf, MAX_MESSAGE_BYTES, readEnd, type Setting } from './front.ts';
import { allItems, nextItem, replyEnding, replyWith } from './service.ts';

const ITEM: Item = { name: 'one', count: 1 };

export function singleMessageCases(setting: Setting): void {
  const { missing, surplus, large } = setting.adapter.capabilities;
  for (const kind of kindsOf(setting, ['unary', 'server_stream'])) {
    const refuses = missing.includes(kind);
    inboundCase(
      setting,
      `${kind}: a request without a message is ${refuses ? 'refused' : 'an empty message'}`,
      async (front) => {
        let got: Item | undefined;
        front.script = async (call) => {
          got = await nextItem(call.body);
          return replyWith(call, [ITEM]);
        };
        const end = await readEnd(front.send(kind, []), refuses ? [] : [ITEM]);
        assert.equal(end.code === 'OK', !refuses, end.message);
        assert.deepEqual(got, refuses ? undefined : { name: '', count: 0 });
        assert.equal((await front.outcome()).error?.side, refuses ? 'client' : undefined);
      },
    );

    const refusesTwo = surplus.includes(kind);
    inboundCase(
      setting,
      `${kind}: a second message ${refusesTwo ? 'is refused' : 'cannot be said'}`,
      async (front) => {
        front.script = async (call) => replyWith(call, await allItems(call.body));
        if (!refusesTwo) {
          assert.throws(() => front.send(kind, [ITEM, ITEM]));
          return;
        }
        assert.notEqual((await readEnd(front.send(kind, [ITEM, ITEM]))).code, 'OK');
        assert.equal((await front.outcome()).error?.side, 'client');
      },
    );
  }

  for (const kind of kindsOf(setting, ['unary', 'client_stream'])) {
    inboundCase(setting, `${kind}: a service that says OK and no message`, async (front) => {
      front.script = async (call) => {
        await allItems(call.body);
        return replyEnding(OK);
      };
      const { code } = await readEnd(front.send(kind, [ITEM]));
      assert.deepEqual([code, (await front.outcome()).error?.side], ['UNIMPLEMENTED', 'upstream']);
    });
  }

  if (!large) return;
  for (const kind of kindsOf(setting)) {
    inboundCase(setting, `${kind}: a message beyond the limit is refused`, async (front) => {
      let reason: unknown;
      front.script = async (call) => {
        try {
          await nextItem(call.body);
        } catch (error) {
          reason = error;
          throw error;
        }
        return replyWith(call, [ITEM]);
      };
      const item = { name: 'x'.repeat(MAX_MESSAGE_BYTES), count: 1 };
      const end = await readEnd(front.send(kind, [item]));
      assert.equal(end.code, 'RESOURCE_EXHAUSTED', end.message);
      assert.ok(reason instanceof GatewayError && reason.pg === 'PG_BODY_TOO_LARGE');
    });
  }
}
