/** Ends that are no good ones, whoever says them: each reaches the client in the shape of its protocol. */
import assert from 'node:assert/strict';
import { GatewayError, PG_CODES, type PgCodeName } from '../../../src/call/error.ts';
import { STATUS_CODES, type Status } from '../../../src/call/status.ts';
import type { CallKind } from '../../../src/call/types.ts';
import type { End } from '../../support/clients/types.ts';
import { type Front, inboundCase, kindsOf, readEnd, type Setting } from './front.ts';
import { allItems, ended, metadataOf, replyEnding, StreamedReply } from './service.ts';

const ITEM = { name: 'one', count: 1 };
const INFO = { reason: 'BECAUSE', domain: 'contract.test' };
const NAMED_BY_HTTP = new Set<PgCodeName>(['PG_METHOD_NOT_ALLOWED', 'PG_UNSUPPORTED_MEDIA_TYPE']);
const MESSAGE = 'no – 100 % "no"\n';

export function statusCases(setting: Setting): void {
  for (const kind of kindsOf(setting)) earlyCases(setting, kind);
  for (const kind of kindsOf(setting, ['server_stream', 'bidi'])) lateCases(setting, kind);
  const [kind] = kindsOf(setting);
  assert.ok(kind);
  inboundCase(setting, 'each of the codes of gRPC', async (front) => {
    for (const code of STATUS_CODES) {
      if (code === 'OK') continue;
      front.script = () => Promise.resolve(replyEnding(ended(code, `said so: ${code}`)));
      const end = await readEnd(front.send(kind, [ITEM]));
      assert.deepEqual([end.code, end.message], [code, `said so: ${code}`]);
    }
  });

  inboundCase(setting, 'each of the codes of the gateway', async (front) => {
    for (const pg of Object.keys(PG_CODES) as PgCodeName[]) {
      front.script = () => Promise.reject(new GatewayError(pg, `refused: ${pg}`));
      const end = await readEnd(front.send(kind, [ITEM]));
      // Connect names what no method can be called for after its HTTP status ("Error Codes").
      const codes = NAMED_BY_HTTP.has(pg)
        ? [PG_CODES[pg].status, 'UNKNOWN']
        : [PG_CODES[pg].status];
      assert.ok(codes.includes(end.code), `${pg}: ${end.code}`);
      assert.equal(end.message, `refused: ${pg}`);
      assert.deepEqual(end.details, [{ reason: pg, domain: 'polygate' }]);
    }
  });
}

function earlyCases(setting: Setting, kind: CallKind): void {
  inboundCase(setting, `${kind}: an error of the service in place of an answer`, async (front) => {
    const trailers = metadataOf(['x-why', 'because'], ['x-why-bin', Uint8Array.of(0, 255)]);
    const status = ended('FAILED_PRECONDITION', MESSAGE, { info: INFO, trailers });
    for (const end of [status, Promise.resolve(status)]) {
      front.script = async (call) => {
        await allItems(call.body);
        return replyEnding(end, metadataOf(['x-told', 'a']));
      };
      const call = front.send(kind, [ITEM]);
      const got = await assertEnded(front, await readEnd(call), status);
      assert.equal(got.trailers['x-why'], 'because');
      assert.equal(got.trailers['x-why-bin']?.replace(/=+$/, ''), 'AP8');
      assert.equal((await call.head)['x-told'], 'a');
    }
  });

  inboundCase(setting, `${kind}: the gateway refuses the call at its head`, async (front) => {
    const reason = new GatewayError('PG_OVERLOADED', MESSAGE, { retryAfterMs: 1_000 });
    front.script = () => Promise.reject(reason);
    const { code, message, details } = await readEnd(front.send(kind, [ITEM]));
    assert.deepEqual([code, message], ['UNAVAILABLE', MESSAGE]);
    assert.deepEqual(details, [{ reason: 'PG_OVERLOADED', domain: 'polygate' }]);
    assert.equal((await front.outcome()).error, reason);
  });

  inboundCase(setting, `${kind}: a fault of the gateway tells nothing of itself`, async (front) => {
    front.script = async (call) => {
      await allItems(call.body);
      throw new TypeError('a secret');
    };
    const { code, message } = await readEnd(front.send(kind, [ITEM]));
    assert.equal(code, 'INTERNAL');
    assert.doesNotMatch(message, /secret/);
    assert.equal((await front.outcome()).error?.pg, 'PG_INTERNAL');
  });

  inboundCase(setting, `${kind}: a body that fails before its first message`, async (front) => {
    const reason = new GatewayError('PG_UPSTREAM_RESET', 'broken off');
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      streamed.break(reason);
      return Promise.resolve(streamed.reply);
    };
    const { code, message } = await readEnd(front.send(kind, [ITEM]));
    assert.deepEqual([code, message], ['UNAVAILABLE', 'broken off']);
    assert.equal((await front.outcome()).error, reason);
  });
}

function lateCases(setting: Setting, kind: CallKind): void {
  inboundCase(setting, `${kind}: an error of the service behind messages`, async (front) => {
    const trailers = metadataOf(['x-why', 'because']);
    const status = ended('RESOURCE_EXHAUSTED', MESSAGE, { info: INFO, trailers });
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      streamed.give(ITEM);
      streamed.give(ITEM);
      streamed.end(status);
      return Promise.resolve(streamed.reply);
    };
    const end = await readEnd(front.send(kind, [ITEM]), [ITEM, ITEM]);
    await assertEnded(front, end, status);
    assert.equal(end.trailers['x-why'], 'because');
  });

  inboundCase(setting, `${kind}: a body that fails behind messages`, async (front) => {
    const reason = new GatewayError('PG_RESPONSE_TOO_LARGE', MESSAGE);
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      streamed.give(ITEM);
      streamed.break(reason);
      return Promise.resolve(streamed.reply);
    };
    const { code, message, details } = await readEnd(front.send(kind, [ITEM]), [ITEM]);
    assert.deepEqual([code, message], ['RESOURCE_EXHAUSTED', MESSAGE]);
    assert.deepEqual(details, [{ reason: 'PG_RESPONSE_TOO_LARGE', domain: 'polygate' }]);
    assert.equal((await front.outcome()).error, reason);
  });

  inboundCase(setting, `${kind}: a fault of the gateway behind messages`, async (front) => {
    front.script = (call) => {
      const streamed = new StreamedReply(call);
      streamed.give(ITEM);
      let gave = false;
      const next = (): ReturnType<typeof streamed.reply.body.next> => {
        if (gave) throw new TypeError('a secret');
        gave = true;
        return streamed.reply.body.next();
      };
      const body = {
        single: false,
        next,
        cancel: streamed.reply.body.cancel.bind(streamed.reply.body),
      };
      return Promise.resolve({ ...streamed.reply, body });
    };
    const { code, message } = await readEnd(front.send(kind, [ITEM]), [ITEM]);
    assert.equal(code, 'INTERNAL');
    assert.doesNotMatch(message, /secret/);
    assert.equal((await front.outcome()).error?.pg, 'PG_INTERNAL');
  });
}

async function assertEnded(front: Front, end: End, status: Status): Promise<End> {
  const { code, message, details } = end;
  assert.deepEqual(
    { code, message, details },
    { code: status.code, message: status.message, details: [INFO] },
  );
  const outcome = await front.outcome();
  assert.deepEqual([outcome.code, outcome.error], [status.code, null]);
  assert.equal(outcome.httpStatus, end.httpStatus, 'the status that went out');
  return end;
}
