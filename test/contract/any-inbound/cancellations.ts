/** Calls that end before their time: who works is told once, who waits gets an end of its own protocol. */
import assert from 'node:assert/strict';
import { GatewayError } from '../../../src/call/error.ts';
import type { CallKind, Routed } from '../../../src/call/types.ts';
import { inboundCase, kindsOf, readEnd, type Setting } from './front.ts';
import { allItems, neverAnswering, nextItem, StreamedReply } from './service.ts';

const ITEM = { name: 'one', count: 1 };

export function cancellationCases(setting: Setting): void {
  for (const kind of kindsOf(setting)) beforeCases(setting, kind);
  for (const kind of kindsOf(setting, ['server_stream', 'bidi'])) streamCases(setting, kind);
  for (const kind of kindsOf(setting, ['client_stream', 'bidi'])) uploadCases(setting, kind);
}

function beforeCases(setting: Setting, kind: CallKind): void {
  inboundCase(setting, `${kind}: a client that leaves before its answer`, async (front) => {
    const cancels: GatewayError[] = [];
    const begun = Promise.withResolvers<Routed>();
    front.script = async (call) => {
      await allItems(call.body);
      begun.resolve(call);
      return neverAnswering(call, cancels);
    };
    const client = front.send(kind, [ITEM]);
    const call = await begun.promise;
    client.cancel();
    const { code, error } = await front.outcome();
    assert.deepEqual([code, error?.pg], ['CANCELLED', 'PG_CLIENT_GONE']);
    assert.deepEqual(cancels, [call.cancelled]);
  });

  inboundCase(setting, `${kind}: the gateway cancels before the answer`, async (front) => {
    const cancels: GatewayError[] = [];
    const begun = Promise.withResolvers<Routed>();
    front.script = async (call) => {
      await allItems(call.body);
      begun.resolve(call);
      return neverAnswering(call, cancels);
    };
    const client = front.send(kind, [ITEM]);
    const call = await begun.promise;
    const reason = new GatewayError('PG_DRAIN', 'shutting down', { retryAfterMs: 1_000 });
    call.cancel(reason);
    call.cancel(new GatewayError('PG_INTERNAL', 'the first reason stays'));
    const { code, message, details } = await readEnd(client);
    assert.deepEqual([code, message], ['UNAVAILABLE', 'shutting down']);
    assert.deepEqual(details, [{ reason: 'PG_DRAIN', domain: 'polygate' }]);
    assert.deepEqual(cancels, [reason]);
    assert.equal((await front.outcome()).error, reason);
  });
}

function streamCases(setting: Setting, kind: CallKind): void {
  inboundCase(setting, `${kind}: a client that leaves within the stream`, async (front) => {
    const begun = Promise.withResolvers<StreamedReply>();
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      begun.resolve(streamed);
      streamed.give(ITEM);
      return Promise.resolve(streamed.reply);
    };
    const client = front.send(kind, [ITEM]);
    const streamed = await begun.promise;
    assert.deepEqual((await client.next())?.item, ITEM);
    client.cancel();
    const { code, error } = await front.outcome();
    assert.deepEqual([code, error?.pg], ['CANCELLED', 'PG_CLIENT_GONE']);
    assert.deepEqual(streamed.cancels, [error]);
  });

  inboundCase(setting, `${kind}: the gateway cancels within the stream`, async (front) => {
    const begun = Promise.withResolvers<StreamedReply>();
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      begun.resolve(streamed);
      streamed.give(ITEM);
      return Promise.resolve(streamed.reply);
    };
    const client = front.send(kind, [ITEM]);
    const streamed = await begun.promise;
    assert.deepEqual((await client.next())?.item, ITEM);
    const reason = new GatewayError('PG_DRAIN', 'shutting down');
    front.call.cancel(reason);
    const { code, message, details } = await readEnd(client);
    assert.deepEqual([code, message], ['UNAVAILABLE', 'shutting down']);
    assert.deepEqual(details, [{ reason: 'PG_DRAIN', domain: 'polygate' }]);
    assert.deepEqual(streamed.cancels, [reason]);
    assert.equal((await front.outcome()).error, reason);
  });
}

function uploadCases(setting: Setting, kind: CallKind): void {
  inboundCase(
    setting,
    `${kind}: a client that leaves within its upload cuts it off`,
    async (front) => {
      const arrived = Promise.withResolvers<void>();
      const failed = Promise.withResolvers<unknown>();
      front.script = async (call) => {
        assert.deepEqual(await nextItem(call.body), ITEM);
        arrived.resolve();
        try {
          failed.resolve(await nextItem(call.body));
        } catch (error) {
          failed.resolve(error);
          throw error;
        }
        return neverAnswering(call, []);
      };
      const client = front.open({ kind });
      client.send(ITEM);
      await arrived.promise;
      client.cancel();
      const reason = await failed.promise;
      assert.ok(
        reason instanceof GatewayError,
        `an upload that was cut off ends with ${String(reason)}`,
      );
      // Over HTTP/1.1 it may be waiting for what is said about that.
      assert.equal((await front.outcome()).error?.side, 'client');
    },
  );

  inboundCase(setting, `${kind}: the gateway cancels within the upload`, async (front) => {
    const cancels: GatewayError[] = [];
    const begun = Promise.withResolvers<Routed>();
    front.script = async (call) => {
      assert.deepEqual(await nextItem(call.body), ITEM);
      begun.resolve(call);
      return neverAnswering(call, cancels);
    };
    const client = front.open({ kind });
    client.send(ITEM);
    const call = await begun.promise;
    const reason = new GatewayError('PG_DRAIN', 'shutting down');
    call.cancel(reason);
    const { code } = await readEnd(client);
    assert.deepEqual([code, cancels], ['UNAVAILABLE', [reason]]);
  });
}
