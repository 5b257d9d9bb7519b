/** Reading JSON in both ways at once, which must never differ. */
import assert from 'node:assert/strict';
import { JsonFault } from '../../src/codecs/proto-json/from-json/fault.ts';
import {
  jsonReader,
  type ReadJson,
  type ReadMode,
} from '../../src/codecs/proto-json/from-json/read-json.ts';
import type { ReadOptions } from '../../src/codecs/proto-json/from-json/scan.ts';
import { layoutOf } from '../../src/codecs/proto-json/layout.ts';
import { Output } from '../../src/codecs/proto-json/output.ts';
import type { MessageModel, Schema } from '../../src/schema/model.ts';

export interface Reading {
  readonly schema: Schema;
  readonly message: MessageModel;
  readonly options?: Partial<ReadOptions>;
}

/** What was written and how much was left out. */
export interface Written {
  readonly bytes: Buffer;
  readonly ignored: number;
}

/** The message, or undefined where the text is refused. */
export function readBoth(reading: Reading, json: string | Uint8Array): Written | undefined {
  const bytes = typeof json === 'string' ? Buffer.from(json) : json;
  const layout = layoutOf(reading.message);
  return sameWritten((mode) => written(jsonReader(layout, mode), bytes, reading));
}

/** One result of both modes. */
export function sameWritten(run: (mode: ReadMode) => Written | undefined): Written | undefined {
  const compiled = run('compiled');
  assert.deepEqual(run('interpreted'), compiled);
  return compiled;
}

/** The result of one reader, behind what is in the output already. */
export function written(
  read: ReadJson,
  bytes: Uint8Array,
  { schema, options }: Omit<Reading, 'message'>,
): Written | undefined {
  const out = new Output(16);
  out.ascii('before');
  const all = {
    ignoreUnknown: false,
    caseInsensitiveEnums: false,
    maxDepth: 100,
    types: schema,
    ...options,
  };
  try {
    const ignored = read(bytes, out, all);
    assert.equal(out.copy().toString('latin1', 0, 6), 'before');
    return { bytes: out.copy(6), ignored };
  } catch (thrown) {
    if (!(thrown instanceof JsonFault)) throw thrown;
    assert.equal(out.pos, 6);
    return undefined;
  }
}
