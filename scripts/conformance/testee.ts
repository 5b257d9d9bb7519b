/** Answers the conformance runner: a request with its length before it on standard input, a response on standard output, one after the other. */
import { readSync, writeSync } from 'node:fs';
import { loadSchema } from '../../src/schema/load.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { answer } from './answer.ts';

const FILES = [
  'conformance/conformance.proto',
  'google/protobuf/test_messages_proto2.proto',
  'google/protobuf/test_messages_proto3.proto',
  'google/protobuf/test_messages_edition2023.proto',
  'google/protobuf/test_messages_proto2_editions.proto',
  'google/protobuf/test_messages_proto3_editions.proto',
];

const [include = ''] = process.argv.slice(2);
const schema = await loadSchema(
  { protos: FILES.map((file) => `${include}/${file}`), importPaths: [include] },
  { directory: include, clock: systemClock, random: systemRandom },
);

const length = Buffer.alloc(4);
while (fill(length)) {
  const request = Buffer.alloc(length.readUInt32LE());
  if (!fill(request)) throw new Error('the runner went away within a request');
  const response = answer(schema, request);
  length.writeUInt32LE(response.length);
  send(length);
  send(response);
}

/** False at the end of the input. */
function fill(buffer: Buffer): boolean {
  for (let at = 0; at < buffer.length; ) {
    const count = readSync(0, buffer, at, buffer.length - at, null);
    if (count === 0) return false;
    at += count;
  }
  return true;
}

function send(buffer: Uint8Array): void {
  for (let at = 0; at < buffer.length; ) at += writeSync(1, buffer, at, buffer.length - at);
}
