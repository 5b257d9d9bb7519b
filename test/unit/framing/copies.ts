/** Counts the bytes that are copied between buffers, so that a test can say "linear" without looking at a watch. */
import type { TestContext } from 'node:test';

/** Sees Buffer.concat, Buffer.from of bytes, set and copy; `undefined` sources and texts do not count. */
export function countCopiedBytes(t: TestContext): () => number {
  let copied = 0;
  const concat = Buffer.concat.bind(Buffer);
  t.mock.method(Buffer, 'concat', (list: readonly Uint8Array[], total?: number) => {
    for (const part of list) copied += part.length;
    return concat(list, total);
  });
  const from = Buffer.from.bind(Buffer) as (value: Uint8Array) => Buffer;
  t.mock.method(Buffer, 'from', (value: Uint8Array) => {
    if (value instanceof Uint8Array) copied += value.length;
    return from(value);
  });
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
  const set = Reflect.get<Uint8Array, 'set'>(typedArray, 'set');
  t.mock.method(typedArray, 'set', function (this: Uint8Array, source: Uint8Array, at?: number) {
    copied += source.length;
    Reflect.apply(set, this, [source, at]);
  });
  const copy = Reflect.get<Buffer, 'copy'>(Buffer.prototype, 'copy');
  t.mock.method(
    Buffer.prototype,
    'copy',
    function (this: Buffer, ...args: Parameters<typeof copy>) {
      const count = Reflect.apply(copy, this, args);
      copied += count;
      return count;
    },
  );
  return () => copied;
}
