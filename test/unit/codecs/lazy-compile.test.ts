/** A schema of thousands of types costs code for those alone that are met on the wire. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codegenAllowed } from '../../../src/codecs/proto-json/codegen.ts';
import { jsonReader } from '../../../src/codecs/proto-json/from-json/read-json.ts';
import { layoutOf } from '../../../src/codecs/proto-json/layout.ts';
import { Output } from '../../../src/codecs/proto-json/output.ts';
import { jsonWriter } from '../../../src/codecs/proto-json/to-json/write.ts';
import { loadText, message } from '../../support/schema/load.ts';

const TYPES = 5_000;

/** How many functions are made from text while `run` runs. */
async function compiled(run: () => void | Promise<void>): Promise<number> {
  const original = globalThis.Function;
  let count = 0;
  globalThis.Function = new Proxy(original, {
    construct(target, args: string[]) {
      count++;
      return Reflect.construct(target, args) as object;
    },
    apply(target, self, args: string[]) {
      count++;
      return Reflect.apply(target, self, args) as unknown;
    },
  });
  try {
    await run();
  } finally {
    globalThis.Function = original;
  }
  return count;
}

test('5,000 types: no function at load, one for each type that is met, none the second time', async () => {
  assert.ok(codegenAllowed());
  // Each refers to the next two, the last ones to the first again.
  const messages = Array.from({ length: TYPES }, (_, i) => {
    const [next, other] = [(i + 1) % TYPES, (i + 2) % TYPES];
    return `message T${i} { string name = 1; T${next} next = 2; repeated T${other} others = 3; }`;
  });
  const text = `syntax = "proto3"; package lazy.v1; ${messages.join('\n')}`;
  const out = new Output();
  const read = { ignoreUnknown: false, caseInsensitiveEnums: false, maxDepth: 100, types: null };
  const style = {
    emitDefaults: false,
    enumsAsNumbers: false,
    protoNames: false,
    int64: 'string',
    anyLayout: () => undefined,
  } as const;
  let reader: ReturnType<typeof jsonReader> | undefined;
  let writer: ReturnType<typeof jsonWriter> | undefined;
  const load = async (): Promise<void> => {
    const schema = await loadText({ 'lazy.proto': text });
    const models = [...schema.messages.values()].filter(({ fullName }) =>
      fullName.startsWith('lazy'),
    );
    assert.equal(models.length, TYPES);
    for (const model of models) {
      jsonReader(layoutOf(model));
      jsonWriter(layoutOf(model), style);
    }
    const first = layoutOf(message(schema, 'lazy.v1.T0'));
    reader = jsonReader(first);
    writer = jsonWriter(first, style);
  };
  assert.equal(await compiled(load), 0);

  const json = (text: string) => (): void => {
    reader?.(Buffer.from(text), out, read);
  };
  assert.equal(await compiled(json('{"name":"a"}')), 1);
  assert.equal(await compiled(json('{"next":{"next":{}},"others":[{}]}')), 2);
  assert.equal(await compiled(json('{"next":{"next":{}},"others":[{}]}')), 0);

  const bytes = (hex: string) => (): void => writer?.(Buffer.from(hex, 'hex'), out);
  assert.equal(await compiled(bytes('0a0161')), 1);
  assert.equal(await compiled(bytes('12021200')), 2);
  assert.equal(await compiled(bytes('12021200')), 0);
});
