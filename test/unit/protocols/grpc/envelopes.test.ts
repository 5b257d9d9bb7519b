/** The reader, which takes messages out, and the scanner, which only looks, say the same of the same bytes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../../src/call/error.ts';
import { compressionOf } from '../../../../src/compression/content-coding.ts';
import { enclose, type EnvelopeRules, writeEnvelope } from '../../../../src/rpc/envelope.ts';
import { EnvelopeReader } from '../../../../src/rpc/envelope-reader.ts';
import { EnvelopeScanner } from '../../../../src/rpc/envelope-scanner.ts';
import { OF_CLIENT } from '../../../../src/rpc/faults.ts';

const RULES: EnvelopeRules = { faults: OF_CLIENT, maxBytes: 20, compression: null };
const GZIP: EnvelopeRules = { ...RULES, compression: compressionOf('gzip') ?? null };
const MESSAGES = ['', 'a', '', 'four', 'twenty bytes exactly'].map((text) =>
  enclose(Buffer.from(text)),
);
const STREAM = Buffer.concat(MESSAGES);

/** What comes out of `bytes` cut into pieces of `size`: messages, or the code of the refusal. */
function read(bytes: Buffer, size: number, rules = RULES): { messages: string[]; end: string } {
  const reader = new EnvelopeReader(rules);
  const messages: string[] = [];
  try {
    for (const chunk of pieces(bytes, size)) {
      reader.push(chunk);
      for (let next = reader.next(); next !== undefined; next = reader.next()) {
        messages.push(Buffer.from(next).toString('latin1'));
      }
    }
  } catch (error) {
    return { messages, end: GatewayError.from(error).message };
  }
  return { messages, end: reader.buffered === 0 ? 'whole' : 'cut' };
}

function scan(bytes: Buffer, size: number, rules = RULES): { count: number; end: string } {
  const scanner = new EnvelopeScanner(rules);
  try {
    for (const chunk of pieces(bytes, size)) scanner.scan(chunk);
  } catch (error) {
    return { count: scanner.messages, end: GatewayError.from(error).message };
  }
  return { count: scanner.messages, end: scanner.atEnd ? 'whole' : 'cut' };
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) parts.push(bytes.subarray(at, at + size));
  return parts;
}

function head(flag: number, length: number): Buffer {
  const bytes = Buffer.from(writeEnvelope(Buffer.alloc(5), length));
  bytes[0] = flag;
  return bytes;
}

const EACH_SIZE = Array.from(STREAM, (_, index) => index + 1);

describe('messages cut anywhere', () => {
  test('come out as they were sent', () => {
    const expected = MESSAGES.map((message) => Buffer.from(message).toString('latin1'));
    for (const size of EACH_SIZE) {
      assert.deepEqual(read(STREAM, size), { messages: expected, end: 'whole' });
      assert.deepEqual(scan(STREAM, size), { count: MESSAGES.length, end: 'whole' });
    }
  });

  test('an end within a message is seen at every offset', () => {
    const ends = new Set([0]);
    let at = 0;
    for (const message of MESSAGES) ends.add((at += message.length));
    for (let length = 0; length <= STREAM.length; length++) {
      const end = ends.has(length) ? 'whole' : 'cut';
      assert.equal(read(STREAM.subarray(0, length), 3).end, end, String(length));
      assert.equal(scan(STREAM.subarray(0, length), 3).end, end, String(length));
    }
  });
});

describe('heads that are refused behind a good message', () => {
  for (const [name, bad, message, rules] of [
    ['a flag of 2', head(2, 1), 'the client sent a message with a flag that gRPC does not have'],
    [
      'a flag of 255',
      head(255, 1),
      'the client sent a message with a flag that gRPC does not have',
      GZIP,
    ],
    [
      'compressed without an encoding',
      head(1, 1),
      'the client compressed a message without saying how (grpc-encoding)',
    ],
    ['one byte too large', head(0, 21), 'a message of the client is too large'],
    ['compressed and too large', head(1, 21), 'a message of the client is too large', GZIP],
    ['four gigabytes', head(0, 0xffff_ffff), 'a message of the client is too large'],
  ] as const) {
    test(name, () => {
      const good = enclose(Buffer.from('good'));
      for (let size = 1; size < 20; size++) {
        const stream = Buffer.concat([good, bad]);
        assert.equal(read(stream, size, rules).end, message);
        assert.deepEqual(scan(stream, size, rules), { count: 1, end: message });
      }
    });
  }
});

test('a message that came in one chunk is a view of it', () => {
  const reader = new EnvelopeReader(RULES);
  reader.push(STREAM);
  assert.equal(reader.next()?.buffer, STREAM.buffer);
});

test('messages that were taken do not change when more comes', () => {
  const reader = new EnvelopeReader(RULES);
  const taken: [Uint8Array, string][] = [];
  for (let round = 0; round < 300; round++) {
    for (const chunk of pieces(Buffer.from(enclose(Buffer.from(`round ${round}`))), 4)) {
      reader.push(chunk);
    }
    const next = reader.next();
    assert.ok(next !== undefined);
    taken.push([next, `round ${round}`]);
  }
  for (const [message, text] of taken)
    assert.equal(Buffer.from(message.subarray(5)).toString(), text);
});
