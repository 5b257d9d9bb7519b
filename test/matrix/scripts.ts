/** What is said in every cell of the matrix, and what has to arrive at the other side. */
import assert from 'node:assert/strict';
import { inEnvelope } from '../support/clients/envelopes.ts';
import { type Coding, encodeItem, type Item, pack } from '../support/clients/messages.ts';
import type { ClientCall, End, Received } from '../support/clients/types.ts';
import type { Cell } from './cells.ts';
import { ASKED, type MatrixGateway, TIMEOUT_MS } from './harness.ts';
import type { ServiceCall } from './service.ts';
import {
  answerCoding,
  answerTransfer,
  requestCoding,
  requestTransfer,
  type Transfer,
} from './transfers.ts';

/** Large enough to be compressed. */
const LARGE: Item = { name: `lärge "/?&=%\\ ${'x'.repeat(2_000)}`, count: 300 };
const MESSAGES: readonly Item[] = [{ name: 'first', count: 1 }, LARGE, { name: 'last', count: 2 }];
const ANSWERS: readonly Item[] = [LARGE, { name: 'two', count: 128 }, { name: 'tschüs', count: 3 }];
const BYTES = 'AAH6+/w=';
const TOLD = { 'x-tell': 'c d', 'x-tell-bin': BYTES };
const LATE = { 'x-late': 'e', 'x-late-bin': BYTES };
const INFO = { reason: 'BECAUSE', domain: 'matrix.test' };
const MESSAGE = 'no – 100 % "no"';

/** Of the timer wheel, and one more: a deadline fires late rather than early. */
const SLOT_MS = 20;

type Script = (matrix: MatrixGateway, cell: Cell) => Promise<void>;

/** The messages of both sides, with metadata before and behind them. */
export const goodCall: Script = (matrix, cell) => {
  const { messages, answers } = messagesOf(cell);
  const gotHead = Promise.withResolvers<void>();
  if (!cell.client.capabilities.earlyHead || singleAnswer(cell)) gotHead.resolve();
  return matrix.talk(cell, {
    async service(call) {
      assertAsked(call, cell);
      await assertRequest(call, messages, cell);
      call.head(TOLD);
      await gotHead.promise;
      for (const answer of answers) call.send(answer);
      call.end(LATE);
    },
    async client(call) {
      for (const message of messages) call.send(message);
      call.halfClose();
      void call.head.then(() => gotHead.resolve());
      await assertAnswers(call, answers, cell);
      assertFields(await call.head, TOLD);
      const end = await call.end;
      assert.deepEqual([end.code, end.httpStatus], ['OK', 200], end.message);
      assertFields(end.trailers, LATE);
    },
  });
};

/** An error in place of an answer. */
export const earlyError: Script = (matrix, cell) =>
  matrix.talk(cell, {
    async service(call) {
      await assertRequest(call, messagesOf(cell).messages, cell);
      call.fail('NOT_FOUND', MESSAGE, [INFO]);
    },
    async client(call) {
      for (const message of messagesOf(cell).messages) call.send(message);
      call.halfClose();
      assert.equal(await call.next(), undefined);
      assertFailed(await call.end, 'NOT_FOUND');
    },
  });

/** An error behind a message. */
export const lateError: Script = async (matrix, cell) => {
  if (singleAnswer(cell)) return;
  await matrix.talk(cell, {
    async service(call) {
      await assertRequest(call, messagesOf(cell).messages, cell);
      call.head(TOLD);
      call.send(LARGE);
      call.fail('RESOURCE_EXHAUSTED', MESSAGE, [INFO]);
    },
    async client(call) {
      for (const message of messagesOf(cell).messages) call.send(message);
      call.halfClose();
      await assertAnswers(call, [LARGE], cell);
      assertFailed(await call.end, 'RESOURCE_EXHAUSTED');
    },
  });
};

/** The client leaves while the service works, and the service hears of it. */
export const cancelled: Script = (matrix, cell) => {
  const { messages } = messagesOf(cell);
  const [first = LARGE] = messages;
  const arrived = Promise.withResolvers<void>();
  return matrix.talk(cell, {
    async service(call) {
      assert.deepEqual((await call.next())?.item, first);
      arrived.resolve();
      await call.closed;
    },
    async client(call) {
      call.send(first);
      // What is one piece is not sent before its end.
      if (messages.length === 1) call.halfClose();
      await arrived.promise;
      call.cancel();
    },
  });
};

/** The service says nothing until the time is over: it hears of that, and so does the client. */
export const tooLate: Script = (matrix, cell) => {
  const { messages } = messagesOf(cell);
  const arrived = Promise.withResolvers<void>();
  return matrix.talk(cell, {
    async service(call) {
      await assertRequest(call, messages, cell);
      arrived.resolve();
      await call.closed;
    },
    async client(call) {
      for (const message of messages) call.send(message);
      call.halfClose();
      await arrived.promise;
      matrix.clock.advance(TIMEOUT_MS + SLOT_MS);
      assert.equal(await call.next(), undefined);
      assert.equal((await call.end).code, 'DEADLINE_EXCEEDED');
    },
  });
};

/** Half of a message is at the other side before the rest has been sent: nobody has collected it. */
export const spliced: Script = async (matrix, cell) => {
  const asks = requestTransfer(cell) === 'splice';
  const answers = answerTransfer(cell) === 'splice';
  if (!asks && !answers) return;
  const [half, rest] = halves(cell.coding);
  const [answerHalf, answerRest] = halves(cell.service.capabilities.coding);
  const asked = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await matrix.talk(cell, {
    async service(call) {
      if (asks) await call.arrived(half.length);
      asked.resolve();
      await assertRequest(call, [LARGE], cell);
      call.head(TOLD);
      if (answers) {
        call.sendBytes(answerHalf);
        await answered.promise;
        call.sendBytes(answerRest);
      } else {
        call.send(LARGE);
      }
      call.end(LATE);
    },
    async client(call) {
      if (asks) {
        call.sendBytes(half);
        await asked.promise;
        call.sendBytes(rest);
      } else {
        call.send(LARGE);
      }
      call.halfClose();
      // Base64 holds back what is no whole group yet.
      if (answers) await call.arrived(answerHalf.length - 2);
      answered.resolve();
      await assertAnswers(call, [LARGE], cell);
      assert.equal((await call.end).code, 'OK');
    },
  });
};

/** Each message is answered before the next is sent. */
export const dialogue: Script = (matrix, cell) =>
  matrix.talk(cell, {
    async service(call) {
      call.head(TOLD);
      for (const message of MESSAGES) {
        assert.deepEqual((await call.next())?.item, message);
        call.send(message);
      }
      assert.equal(await call.next(), undefined);
      call.end(LATE);
    },
    async client(call) {
      for (const message of MESSAGES) {
        call.send(message);
        assert.deepEqual((await call.next())?.item, message);
      }
      call.halfClose();
      assert.equal(await call.next(), undefined);
      assert.equal((await call.end).code, 'OK');
    },
  });

/** A cell that is declared impossible ends with an error and without a message; a dialogue that nobody can have, with what it needs. */
export const refused: Script = async (matrix, cell) => {
  const answered = Promise.withResolvers<void>();
  matrix.service.script = async (call) => {
    await call.next();
    call.head(TOLD);
    call.send(LARGE);
    if (!cell.kind.dialogue) call.end(LATE);
    answered.resolve();
  };
  const call = matrix.open(cell);
  call.send(LARGE);
  // What is one piece is not sent before its end.
  const waits = cell.kind.dialogue && cell.client.capabilities.kinds.includes('bidi');
  if (!waits) call.halfClose();
  const first = call.next();
  await Promise.race([first, answered.promise.then(() => matrix.still())]);
  matrix.clock.advance(TIMEOUT_MS + SLOT_MS);
  assert.equal(await first, undefined, 'it works: a message came back');
  const end = await call.end;
  call.cancel();
  await matrix.still();
  assert.notEqual(end.code, 'OK', 'it works');
  if (end.code === 'DEADLINE_EXCEEDED') assert.match(end.message, /needs HTTP\/2/);
};

function messagesOf(cell: Cell): { messages: readonly Item[]; answers: readonly Item[] } {
  const single = cell.kind.kind === 'unary' || cell.kind.kind === 'server_stream';
  return {
    messages: single ? [LARGE] : MESSAGES,
    answers: singleAnswer(cell) ? [LARGE] : ANSWERS,
  };
}

function singleAnswer({ kind }: Cell): boolean {
  return kind.kind === 'unary' || kind.kind === 'client_stream';
}

/** {@link LARGE} in its envelope as it travels, in two parts. */
function halves(coding: Coding): readonly [Buffer, Buffer] {
  const packed = pack(coding, encodeItem('proto', LARGE));
  const whole = inEnvelope(coding === 'identity' ? 0 : 1, packed);
  const middle = whole.length >> 1;
  return [whole.subarray(0, middle), whole.subarray(middle)];
}

/** What the service gets: all of them, each as its transfer leaves it, and the half-close. */
async function assertRequest(call: ServiceCall, items: readonly Item[], cell: Cell): Promise<void> {
  for (const item of items) {
    const received = await call.next();
    assert.ok(received, 'a message is missing');
    const coding = requestCoding(cell, received.bytes.length);
    assertMessage(received, { item, coding, transfer: requestTransfer(cell) });
  }
  assert.equal(await call.next(), undefined, 'a message too many, or no proper end');
}

/** What the client gets: all of them, each as its transfer leaves it, and the end. */
async function assertAnswers(call: ClientCall, items: readonly Item[], cell: Cell): Promise<void> {
  for (const item of items) {
    const received = await call.next();
    if (received === undefined) {
      const { code, message } = await call.end;
      assert.fail(`an answer is missing, ${code} came: ${message}`);
    }
    const coding = answerCoding(cell, received.bytes.length);
    assertMessage(received, { item, coding, transfer: answerTransfer(cell) });
  }
  assert.equal(await call.next(), undefined, 'an answer too many');
}

interface Expected {
  readonly item: Item;
  readonly coding: Coding;
  readonly transfer: Transfer;
}

function assertMessage(received: Received, { item, coding, transfer }: Expected): void {
  assert.deepEqual(received.item, item);
  assert.equal(received.coding, coding);
  if (transfer === 'transcode') return;
  const bytes = encodeItem('proto', item);
  assert.ok(received.bytes.equals(bytes), 'the message has been read and written anew');
  if (transfer === 'recompress') return;
  assert.ok(received.packed?.equals(pack(coding, bytes)), 'it has been compressed anew');
}

function assertAsked(call: ServiceCall, { service }: Cell): void {
  assertFields(call.headers, ASKED);
  const timeout = service.capabilities.envelopes
    ? /^(\d+)m$/.exec(call.headers['grpc-timeout'] ?? '')
    : /^(\d+)ms$/.exec(call.headers['x-request-timeout'] ?? '');
  assert.equal(Number(timeout?.[1]), TIMEOUT_MS);
}

/** Padding of base64 is anybody's choice. */
function assertFields(
  fields: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(expected)) {
    const got = fields[name];
    assert.equal(
      name.endsWith('-bin') ? got?.replace(/=+$/, '') : got,
      name.endsWith('-bin') ? value.replace(/=+$/, '') : value,
      name,
    );
  }
}

function assertFailed({ code, message, details }: End, expected: string): void {
  assert.deepEqual(
    { code, message, details },
    { code: expected, message: MESSAGE, details: [INFO] },
  );
}
