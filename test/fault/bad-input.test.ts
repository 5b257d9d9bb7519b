/**
 * Bad input, each kind in each form of request: refused in the protocol's own shape, before the service hears of it, on a connection that
 * goes on. Rows and columns are in bad-input/; what of them meets is derived, and every meeting is a test.
 */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { type FaultGateway, flush } from '../support/fault-gateway.ts';
import { echo, type ScriptedGrpc } from '../support/scripted-grpc.ts';
import { shareFaultGateway } from '../support/shared-gateway.ts';
import { type Form, FORMS, goodPayload } from './bad-input/form.ts';
import { MAX_BYTES, mayBegin, ROWS } from './bad-input/rows.ts';
import { assertError } from './bad-input/shapes.ts';
import { type Line, openLine, requestOf } from './bad-input/wire.ts';

const limits = { body: MAX_BYTES, message: MAX_BYTES };
/** RFC 9113 section 7. */
const CANCEL = 8;

for (const form of FORMS) {
  for (const version of form.http) {
    describe(`${form.name}, HTTP/${version}`, () => {
      const shared = shareFaultGateway({ limits });
      let harness: FaultGateway;
      let cuts: Cuts;
      beforeEach(() => {
        harness = shared();
        cuts = watchCuts(harness.peer);
      });

      for (const row of ROWS.filter(({ fits }) => fits(form))) {
        test(row.name, async (t) => {
          const line = openLine(t, harness.gateway.port, version);
          const input = row.input(form);
          const answer = await line.ask(requestOf(form, input));
          const type = input.type === undefined ? form.answerType : form.refusalType;
          assertError(form.shape, type, answer, row.expected(form));
          assert.equal(answer.headers['connection'], undefined);
          if (!mayBegin(row, form)) assert.equal(cuts.calls, 0);
          await assertGoesOn(harness, line, form);
          await cuts.assertAll();
        });
      }

      for (const value of form.timeout.bad) {
        test(`${form.timeout.header}: ${value} is no timeout`, async (t) => {
          const line = openLine(t, harness.gateway.port, version);
          const headers = { [form.timeout.header]: value };
          const answer = await line.ask(requestOf(form, { headers }));
          const { expected: message } = form.timeout;
          const expected = { pg: 'PG_BAD_TIMEOUT', code: 'INVALID_ARGUMENT', message };
          assertError(form.shape, form.answerType, answer, expected);
          assert.equal(cuts.calls, 0);
          await assertGoesOn(harness, line, form);
        });
      }

      // A query ends with its head.
      if (form.place === 'query') return;

      test('a body whose end never comes: the deadline answers', async (t) => {
        const line = openLine(t, harness.gateway.port, version);
        const { header, good } = form.timeout;
        const payload = goodPayload(form).subarray(0, -1);
        const answer = line.begin(requestOf(form, { headers: { [header]: good }, payload }));
        await line.arrived();
        harness.clock.advance(form.timeout.goodMs + 20);
        const told = await answer;
        assert.ok(told !== null);
        assertError(form.shape, form.answerType, told, {
          pg: 'PG_DEADLINE_EXCEEDED',
          code: 'DEADLINE_EXCEEDED',
          message: /within/,
        });
        if (form.single) assert.equal(cuts.calls, 0);
        await assertServes(harness);
        await cuts.assertAll();
      });

      test('a client that breaks off within its body', async (t) => {
        const line = openLine(t, harness.gateway.port, version);
        const payload = goodPayload(form).subarray(0, -1);
        const answer = line.begin(requestOf(form, { payload }));
        await line.arrived();
        line.breakOff();
        const told = await answer;
        // HTTP/1.1 can still read behind its half-close; a stream that was reset cannot.
        assert.equal(told === null, version === '2');
        if (told !== null) {
          assertError(form.shape, form.answerType, told, {
            pg: 'PG_BODY_INCOMPLETE',
            code: 'INVALID_ARGUMENT',
            message: /./,
          });
        }
        if (form.single) assert.equal(cuts.calls, 0);
        await assertServes(harness);
        await cuts.assertAll();
      });
    });
  }
}

/** A good call behind the bad one, on the same connection; it is all that the service has to answer, and nothing stays open. */
async function assertGoesOn({ peer }: FaultGateway, line: Line, form: Form): Promise<void> {
  let whole = 0;
  peer.script = async (call) => {
    // Of a request that was cut there is none: it may arrive no sooner than now.
    whole += (await call.messages).length;
    await echo(call);
  };
  const answer = await line.ask(requestOf(form));
  assert.equal(answer.status, 200, answer.body.toString());
  assert.equal(answer.headers['content-type'], form.answerType);
  const good = Buffer.from(goodPayload(form));
  const isText = form.base64 && form.place === 'envelopes';
  const body = isText ? Buffer.from(answer.body.toString(), 'base64') : answer.body;
  assert.deepEqual(body.subarray(0, good.length), good);
  assert.deepEqual([whole, peer.open], [1, 0]);
}

/** The same of a connection that could not go on. */
async function assertServes(harness: FaultGateway): Promise<void> {
  await flush(harness);
  harness.peer.script = echo;
  const answer = await harness.send('GET', '/v1/items/good');
  assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { name: 'good' }]);
  assert.equal(harness.peer.open, 0);
}

interface Cuts {
  /** How many calls the service has seen since. */
  readonly calls: number;
  /** Each that it saw begin was cut by the gateway: no half of a request looks like a whole one. */
  assertAll(): Promise<void>;
}

/** The service reads, and answers nothing. */
function watchCuts(peer: ScriptedGrpc): Cuts {
  const calls = peer.calls;
  const ends: Promise<number>[] = [];
  peer.script = ({ stream }) => {
    stream.resume();
    ends.push(new Promise((resolve) => stream.on('close', () => resolve(stream.rstCode ?? 0))));
  };
  return {
    get calls() {
      return peer.calls - calls;
    },
    async assertAll() {
      for (const code of await Promise.all(ends)) assert.equal(code, CANCEL);
    },
  };
}
