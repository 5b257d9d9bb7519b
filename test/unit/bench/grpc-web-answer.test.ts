import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grpcWebAnswer } from '../../../bench/lib/grpc-web-answer.ts';

function envelope(flag: number, text: string): Buffer {
  return Buffer.concat([Buffer.from([flag, 0, 0, 0, text.length]), Buffer.from(text)]);
}

const MESSAGE = envelope(0, 'item');
const END = envelope(0x80, 'grpc-status:0\r\n');

test('a gRPC-Web answer is one message and an end that says OK', () => {
  assert.equal(grpcWebAnswer(Buffer.concat([MESSAGE, END])).toString(), 'item');
  const spaced = envelope(0x80, 'date: today\r\nGrpc-Status: 0\r\n');
  assert.equal(grpcWebAnswer(Buffer.concat([MESSAGE, spaced])).toString(), 'item');
});

test('every other body makes the run invalid', () => {
  const failed = envelope(0x80, 'grpc-status:08\r\n');
  for (const parts of [[], [MESSAGE], [END], [MESSAGE, MESSAGE], [MESSAGE, failed]]) {
    assert.throws(() => grpcWebAnswer(Buffer.concat(parts)), /not a message|it ends with/);
  }
  const whole = Buffer.concat([MESSAGE, END]);
  assert.throws(() => grpcWebAnswer(whole.subarray(0, -1)), /cut off/);
  assert.throws(() => grpcWebAnswer(whole.subarray(0, 3)), /cut off/);
});
