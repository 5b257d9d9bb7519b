/**
 * What a gRPC service can get wrong, as clients of each protocol see it: a complete error in their own shape, before a message as well as
 * behind some, and never a clean end. Rows are in bad-service/, columns those of bad-input/.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { assertRecovers, type FaultGateway } from '../support/fault-gateway.ts';
import { envelope, respond } from '../support/scripted-grpc.ts';
import { shareFaultGateway } from '../support/shared-gateway.ts';
import { type Form, FORMS, message } from './bad-input/form.ts';
import { type Line, openLine, requestOf } from './bad-input/wire.ts';
import { endOf } from './bad-service/ends.ts';
import { BAD_HEADS, FAULTS, MAX_BYTES } from './bad-service/rows.ts';

const SINGLE = FORMS.filter(({ single }) => single);
const UNARY = SINGLE.filter(({ shape }) => shape !== 'connect-stream');
const STREAMS = SINGLE.filter(({ shape }) => shape !== 'connect-unary').map(
  (form): Form => ({ ...form, method: 'Watch' }),
);
const good = envelope({ name: 'good' });
/** The Connect protocol reference, "Error Codes". */
const CONNECT_HTTP: Readonly<Record<number, number>> = {
  2: 500,
  8: 429,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
};

/** Of a suite: makes the connection of each test. */
function share(): (t: TestContext) => World {
  const shared = shareFaultGateway({ limits: { message: MAX_BYTES } });
  return (t) => ({ harness: shared(), line: openLine(t, shared().gateway.port, '2') });
}

interface World {
  readonly harness: FaultGateway;
  readonly line: Line;
}

interface Expected {
  readonly code: number;
  readonly message: string | RegExp;
  readonly pg: string | null;
}

/** The error, whole; `messages` are all that may stand before it. */
async function assertTold(
  { harness, line }: World,
  form: Form,
  { code, message: said, pg }: Expected,
  onData?: () => void,
): Promise<number> {
  const before = harness.peer.calls;
  const answer = await line.ask(requestOf(form), onData);
  const end = endOf(form, answer);
  assert.deepEqual([end.code, end.pg], [code, pg], end.message);
  if (typeof said === 'string') assert.equal(end.message, said);
  else assert.match(end.message, said);
  for (const one of end.messages) assert.deepEqual(one, Buffer.from(message(form, 'good')));
  // Who sees HTTP alone must not take it for an answer.
  if (form.shape === 'connect-unary') assert.equal(end.status, CONNECT_HTTP[code]);
  else if (form.shape === 'rest' && end.messages.length === 0) assert.ok(end.status >= 400);
  else assert.equal(end.status, 200);
  assert.equal(harness.peer.calls - before, 1);
  await assertRecovers(harness);
  assert.equal(harness.peer.open, 0);
  return end.messages.length;
}

for (const form of UNARY) {
  describe(`${form.name}, one message`, () => {
    const start = share();
    for (const fault of FAULTS) {
      if (fault.kind === 'stream' || fault.fits?.(form) === false) continue;
      test(fault.name, async (t) => {
        const world = start(t);
        const { headers = {}, trailers = { 'grpc-status': '0' } } = fault;
        world.harness.peer.script = ({ stream }) => {
          stream.resume();
          respond(stream, trailers, headers);
          fault.goesOn(stream);
        };
        await assertTold(world, form, fault);
      });
    }

    test('data that ends the stream: there are no trailers', async (t) => {
      const world = start(t);
      world.harness.peer.script = ({ stream }) => {
        stream.resume();
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.end(good);
      };
      await assertTold(world, form, NO_STATUS);
    });
  });
}

for (const form of STREAMS) {
  describe(`${form.name}, a stream`, () => {
    const start = share();
    for (const fault of FAULTS) {
      if (fault.kind === 'unary' || fault.fits?.(form) === false) continue;
      for (const behind of [false, true]) {
        test(`${fault.name}, ${behind ? 'behind a message' : 'before the first'}`, async (t) => {
          const world = start(t);
          const { headers = {}, trailers = { 'grpc-status': '0' } } = fault;
          const arrived = Promise.withResolvers<void>();
          world.harness.peer.script = async ({ stream }) => {
            stream.resume();
            respond(stream, trailers, headers);
            if (behind) {
              stream.write(good);
              await arrived.promise;
            }
            fault.goesOn(stream);
          };
          const count = await assertTold(world, form, fault, () => arrived.resolve());
          assert.ok(count >= (behind ? 1 : 0));
        });
      }
    }

    test('data that ends the stream, behind a message: there are no trailers', async (t) => {
      const world = start(t);
      const arrived = Promise.withResolvers<void>();
      world.harness.peer.script = async ({ stream }) => {
        stream.resume();
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(good);
        await arrived.promise;
        stream.end();
      };
      assert.equal(await assertTold(world, form, NO_STATUS, () => arrived.resolve()), 1);
    });
  });
}

const NO_STATUS: Expected = {
  code: 13,
  message: 'the service ended the call without a status',
  pg: 'PG_UPSTREAM_PROTOCOL',
};

for (const form of [...UNARY, ...STREAMS]) {
  describe(`${form.name}, ${form.method}: a head that is wrong`, () => {
    const start = share();
    for (const bad of BAD_HEADS) {
      // A stream of no messages may end at once.
      if (bad.name.startsWith('OK ') && form.method === 'Watch') continue;
      test(bad.name, async (t) => {
        const world = start(t);
        world.harness.peer.script = ({ stream }) => {
          stream.resume();
          bad.answers(stream);
        };
        assert.equal(await assertTold(world, form, bad), 0);
      });
    }
  });
}
