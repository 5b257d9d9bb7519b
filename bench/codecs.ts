/**
 * Codecs: nanoseconds per message from protobuf to JSON and back, small, medium and large, against other libraries.
 *
 *     npm run bench:codecs
 *
 * Every contender's output is compared with ours before anything is measured. All checks are on: UTF-8, duplicate keys, ranges, depth; the
 * others do those that they have.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { equals, fromBinary, fromJson, toBinary } from '@bufbuild/protobuf';
import type { DescMessage } from '@bufbuild/protobuf';
import { systemClock } from '../src/lib/clock.ts';
import { systemRandom } from '../src/lib/random.ts';
import { loadSchema } from '../src/schema/load.ts';
import type { Schema } from '../src/schema/model.ts';
import { registryOf, requestSide, responseSide } from './codecs/contenders.ts';
import type { Contender, Name } from './codecs/contenders.ts';
import { measure } from './codecs/measure.ts';
import type { Measured } from './codecs/measure.ts';
import { descriptorSet, SAMPLES } from './codecs/messages.ts';

/** How many times our throughput must be that of another. */
const TARGETS: Readonly<Record<'response' | 'request', readonly (readonly [Name, number])[]>> = {
  response: [
    ['@bufbuild/protobuf', 3],
    ['protobufjs objects', 2],
  ],
  request: [
    ['@bufbuild/protobuf', 3],
    ['protobufjs objects', 1],
  ],
};

const set = descriptorSet();
const registry = registryOf(set);
const schema = await load();
const missed: string[] = [];

for (const { size, typeName, json } of SAMPLES) {
  const model = schema.messages.get(typeName);
  const desc = registry.getMessage(typeName);
  if (model === undefined || desc === undefined) throw new Error(`no ${typeName}`);
  const proto = Buffer.from(toBinary(desc, fromJson(desc, json)));
  const text = Buffer.from(JSON.stringify(json));
  const sizes = `${proto.length} B protobuf, ${text.length} B JSON`;
  const responses = responseSide(model, desc, registry);
  for (const { name, run } of responses) assert.deepEqual(parse(run(proto)), json, name);
  report('response', `${size}, protobuf to JSON (${sizes})`, responses, proto);
  const requests = requestSide(model, desc, registry);
  for (const { name, run } of requests) assert.ok(same(desc, run(text), proto), name);
  report('request', `${size}, JSON to protobuf (${sizes})`, requests, text);
}

console.log(`node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}`);
console.log(missed.length === 0 ? 'all targets met' : `not met: ${missed.join('; ')}`);

async function load(): Promise<Schema> {
  const folder = mkdtempSync(join(tmpdir(), 'polygate-bench-'));
  try {
    writeFileSync(join(folder, 'bench.binpb'), set);
    const environment = { directory: folder, clock: systemClock, random: systemRandom };
    return await loadSchema({ descriptorSet: 'bench.binpb' }, environment);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

function same(desc: DescMessage, left: Uint8Array, right: Uint8Array): boolean {
  return equals(desc, fromBinary(desc, left), fromBinary(desc, right));
}

function report(
  side: 'response' | 'request',
  title: string,
  contenders: readonly Contender[],
  bytes: Buffer,
): void {
  const results = measure(
    contenders.map(
      ({ run }) =>
        () =>
          void run(bytes),
    ),
  );
  const byName = new Map(contenders.map(({ name }, at) => [name, results[at]] as const));
  const ours = byName.get('ours, compiled')?.medianNs ?? Number.NaN;
  console.log(`\n${title}`);
  console.log(row('', ['ns min', 'median', 'max', 'ops/s', 'bytes/call', 'of ours']));
  for (const [name, result] of byName) if (result !== undefined) print(name, result, ours);
  for (const [name, times] of TARGETS[side]) {
    const ratio = (byName.get(name)?.medianNs ?? Number.NaN) / ours;
    const met = ratio >= times;
    console.log(`  ${met ? 'met' : 'NOT MET'}: ${times} times ${name}: ${ratio.toFixed(2)}`);
    if (!met) missed.push(`${title.split(' (')[0]}: ${ratio.toFixed(2)} of ${times} x ${name}`);
  }
}

function print(name: Name, { minNs, medianNs, maxNs, bytes }: Measured, ours: number): void {
  const times = [minNs, medianNs, maxNs, 1e9 / medianNs, bytes].map((value) => value.toFixed(0));
  console.log(row(name, [...times, `${(medianNs / ours).toFixed(2)}x`]));
}

function row(name: string, columns: readonly string[]): string {
  return `  ${name.padEnd(22)}${columns.map((column) => column.padStart(11)).join('')}`;
}
