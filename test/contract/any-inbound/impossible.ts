/** What a protocol cannot express is refused: no message comes back, and the end is no good one. */
import assert from 'node:assert/strict';
import {
  inboundCase,
  isFullDuplex,
  SLOT_MS,
  type Setting,
  TIMEOUT_MS,
  versionOf,
} from './front.ts';
import { nextItem, replyWith, StreamedReply } from './service.ts';

const ITEM = { name: 'one', count: 1 };

export function impossibleCases(setting: Setting): void {
  const { client } = setting.adapter;
  const { kinds, http } = client.capabilities;
  const spoken = http.includes(versionOf(setting.host));
  for (const kind of ['unary', 'server_stream', 'client_stream', 'bidi'] as const) {
    if (spoken && kinds.includes(kind)) continue;
    inboundCase(setting, `${kind}: it is refused`, async (front) => {
      front.script = async (call) => {
        await nextItem(call.body);
        return replyWith(call, [ITEM]);
      };
      const end = await readRefusal(front.send(kind, [ITEM]));
      assert.notEqual(end, 'OK', 'it works');
    });
  }

  if (!spoken || !kinds.includes('bidi') || isFullDuplex(setting)) return;
  inboundCase(setting, 'bidi: a dialogue is refused', async (front) => {
    front.script = async (call) => {
      await nextItem(call.body);
      const streamed = new StreamedReply(call, { unread: true });
      streamed.give(ITEM);
      return streamed.reply;
    };
    const call = front.open({ kind: 'bidi' });
    call.send(ITEM);
    const first = call.next();
    await front.still();
    front.clock.advance(TIMEOUT_MS + SLOT_MS);
    assert.equal(await first, undefined, 'it works');
    assert.equal((await call.end).code, 'DEADLINE_EXCEEDED');
  });
}

async function readRefusal(call: {
  next(): Promise<unknown>;
  readonly end: Promise<{ readonly code: string }>;
}): Promise<string> {
  assert.equal(await call.next(), undefined, 'a message came back');
  return (await call.end).code;
}
