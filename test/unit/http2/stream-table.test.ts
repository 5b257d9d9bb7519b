import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StreamListener } from '../../../src/call/transport.ts';
import { Stream } from '../../../src/http2/stream.ts';
import { StreamTable } from '../../../src/http2/stream-table.ts';

const never = (): never => {
  throw new Error('a table calls nobody');
};
const unheard: StreamListener = {
  onHeaders: never,
  onData: never,
  onDrain: never,
  onFailed: never,
};

function streamOf(id: number): Stream {
  const stream = new Stream([], unheard);
  stream.id = id;
  return stream;
}

test('a table that streams come to and leave in any order says what a Map says', () => {
  const ids = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 30 - 1 }));
  const steps = fc.array(fc.tuple(ids, fc.boolean()), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (list) => {
      const table = new StreamTable();
      const model = new Map<number, Stream>();
      for (const [number, leaves] of list) {
        const id = 2 * number + 1;
        if (leaves) {
          assert.equal(table.delete(id), model.delete(id));
        } else if (!model.has(id)) {
          const stream = streamOf(id);
          table.add(stream);
          model.set(id, stream);
        }
        assert.equal(table.size, model.size);
      }
      for (const [number] of list) {
        assert.equal(table.get(2 * number + 1), model.get(2 * number + 1));
      }
      assert.deepEqual(new Set(table.all()), new Set(model.values()));
    }),
    { seed: 20, numRuns: 300 },
  );
});

test('ids far apart that share a slot do not hide each other', () => {
  const table = new StreamTable();
  const ids = [1, 17, 33, 2 ** 31 - 15];
  for (const id of ids) table.add(streamOf(id));
  table.delete(17);
  assert.deepEqual(
    ids.map((id) => table.get(id)?.id),
    [1, undefined, 33, 2 ** 31 - 15],
  );
  table.clear();
  assert.deepEqual([table.size, table.all(), table.get(1)], [0, [], undefined]);
});
