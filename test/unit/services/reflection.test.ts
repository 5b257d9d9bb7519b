/** Reflection without a wire: what is made for whom, and how a call that is cancelled ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { PushBody } from '../../../src/call/body.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Body, Reply, Routed } from '../../../src/call/types.ts';
import { SchemaError } from '../../../src/schema/error.ts';
import type { SchemaFiles } from '../../../src/schema/model.ts';
import { createReflection } from '../../../src/services/reflection.ts';
import { fakeCall } from '../../support/fake-call.ts';

const GONE = new GatewayError('PG_CLIENT_GONE', 'gone');
const NO_FILES: SchemaFiles = { names: [], descriptor: () => Promise.reject(new Error('none')) };

function open(body: Body, files: SchemaFiles = NO_FILES): { call: Routed; reply: Promise<Reply> } {
  const [method] = createReflection({ services: [], schemas: [files] });
  assert.ok(method !== undefined);
  const call = fakeCall({ body }) as Routed;
  return { call, reply: method.handle(call) };
}

/** A client that has sent these messages and waits. */
function client(...messages: Uint8Array[]): PushBody & { cancelled: GatewayError | null } {
  const body = Object.assign(
    new PushBody({ pull: () => {}, cancel: (reason) => (body.cancelled = reason) }),
    { cancelled: null as GatewayError | null },
  );
  for (const bytes of messages) body.push({ codec: 'proto', bytes });
  return body;
}

const text = (tag: number, value: string): Uint8Array =>
  Buffer.concat([Buffer.of(tag, value.length), Buffer.from(value)]);

test('a request is read only when an answer is wanted', async () => {
  const body = client(text(0x3a, ''), text(0x3a, ''));
  const { reply } = open(body);
  const { body: answers } = await reply;
  assert.equal(body.waiting, 2);
  await answers.next();
  assert.equal(body.waiting, 1);
});

test('cancelled while it waits for a request: the wait, the end and the request body have the reason', async () => {
  const body = client();
  const { call, reply } = open(body);
  const { body: answers, end } = await reply;
  const waiting = answers.next();
  call.cancel(GONE);
  await assert.rejects(Promise.resolve(waiting), GONE);
  assert.equal((await end).error, GONE);
  assert.equal(body.cancelled, GONE);
});

test('cancelled while it looks a file up: the late answer is none', async () => {
  const lookUp = Promise.withResolvers<Uint8Array>();
  const files: SchemaFiles = { names: ['a.proto'], descriptor: () => lookUp.promise };
  const { call, reply } = open(client(text(0x1a, 'a.proto')), files);
  const { body: answers, end } = await reply;
  const waiting = answers.next();
  await Promise.resolve();
  call.cancel(GONE);
  lookUp.resolve(text(0x0a, 'a.proto'));
  await assert.rejects(Promise.resolve(waiting), GONE);
  assert.equal((await end).code, 'CANCELLED');
});

test('cancelled before it began', async () => {
  const body = client();
  const [method] = createReflection({ services: [], schemas: [] });
  const call = fakeCall({ body }) as Routed;
  call.cancel(GONE);
  await assert.rejects(method?.handle(call) ?? Promise.resolve(), GONE);
});

test('a request that cannot be read ends the stream', async () => {
  const { reply } = open(client(Buffer.of(0x1a)));
  const { body: answers, end } = await reply;
  await assert.rejects(Promise.resolve(answers.next()), { pg: 'PG_INVALID_VALUE' });
  assert.equal((await end).code, 'INVALID_ARGUMENT');
});

test('a file that no compiler would take is missing, and the answer says why', async () => {
  const files: SchemaFiles = {
    names: ['bad.proto'],
    descriptor: () => Promise.reject(new SchemaError([{ message: 'no', file: 'bad.proto' }])),
  };
  const { reply } = open(client(text(0x1a, 'bad.proto')), files);
  const answer = await (await reply).body.next();
  assert.match(
    Buffer.from(answer?.bytes ?? []).toString(),
    /there is no file bad\.proto \(bad\.proto cannot be described: bad\.proto: no\)/,
  );
});

describe('more files than fit into one answer', () => {
  const MB = 1_000_000;

  /** A FileDescriptorProto: its name, what it imports, and a package that is as long as the rest of it. */
  function file(name: string, bytes: number, imports: readonly string[] = []): Buffer {
    const filler = Buffer.alloc(bytes, 'x');
    return Buffer.concat([
      text(0x0a, name),

      Buffer.concat([Buffer.of(0x12), varint(filler.length), filler]),
      ...imports.map((path) => text(0x1a, path)),
    ]);
  }

  function varint(value: number): Buffer {
    const bytes: number[] = [];
    for (let rest = value; ; rest >>>= 7) {
      if (rest < 128) return Buffer.from([...bytes, rest]);
      bytes.push((rest & 127) | 128);
    }
  }

  function schema(files: Readonly<Record<string, Buffer>>): SchemaFiles {
    return {
      names: Object.keys(files),
      descriptor: (name) => Promise.resolve(files[name] ?? Buffer.alloc(0)),
    };
  }

  /** The names of the files in each answer, and how large the answers are. */
  async function ask(
    files: Readonly<Record<string, Buffer>>,
    ...names: readonly string[]
  ): Promise<{ names: string[][]; bytes: number[] }> {
    const { reply } = open(client(...names.map((name) => text(0x1a, name))), schema(files));
    const { body } = await reply;
    const found: string[][] = [];
    const bytes: number[] = [];
    for (let i = 0; i < names.length; i++) {
      const answer = await body.next();
      bytes.push(answer?.bytes.length ?? 0);
      const text = Buffer.from(answer?.bytes ?? []).toString('latin1');
      // Field 1 and five bytes: the name of a file.
      const parts = text.split('\n\u0005').slice(1);
      found.push(parts.map((part) => part.slice(0, 1)));
    }
    return { names: found, bytes };
  }

  const three = {
    'a.pro': file('a.pro', MB, ['b.pro', 'c.pro', 'd.pro']),
    'b.pro': file('b.pro', MB, ['e.pro']),
    'c.pro': file('c.pro', 2 * MB),
    'd.pro': file('d.pro', 100),
    'e.pro': file('e.pro', MB),
  };

  test('what does not fit is left out, what is smaller still comes, and the rest is told by name', async () => {
    const { names, bytes } = await ask(three, 'a.pro', 'c.pro', 'b.pro');
    assert.deepEqual(names, [['a', 'b', 'd', 'e'], ['c'], ['b']]);
    for (const size of bytes) assert.ok(size < 4 * MB, String(size));
  });

  test('a file that was asked for comes whatever its size, alone', async () => {
    const files = { 'a.pro': file('a.pro', 5 * MB, ['b.pro']), 'b.pro': file('b.pro', 100) };
    const { names } = await ask(files, 'a.pro', 'b.pro');
    assert.deepEqual(names, [['a'], ['b']]);
  });
});
