/** Bodies in base64 (PROTOCOL-WEB.md, "Text-encoded"): padded parts one behind another, in chunks of any size. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { Base64Sink } from '../../../src/rpc/base64-sink.ts';
import { Base64Source } from '../../../src/rpc/base64-source.ts';
import { FakeSource } from '../framing/fake-source.ts';
import { type SeenSink, seenSink } from './seen-sink.ts';

interface Flow {
  readonly from: FakeSource;
  readonly seen: SeenSink;
}

function decode(...chunks: readonly string[]): Flow {
  const from = new FakeSource();
  const seen = seenSink();
  new Base64Source(from).pump(seen);
  for (const chunk of chunks) from.give(Buffer.from(chunk, 'latin1'));
  return { from, seen };
}

/** Decoded up to its end. */
function whole(...chunks: readonly string[]): string {
  const { from, seen } = decode(...chunks);
  from.sink?.end(null);
  assert.deepEqual(seen.ends, [null]);
  return seen.bytes.toString('latin1');
}

describe('a source in base64', () => {
  for (const [name, chunks, text] of [
    ['nothing', [], ''],
    ['no padding', ['YWJj'], 'abc'],
    ['one sign', ['YWI='], 'ab'],
    ['two signs', ['YQ=='], 'a'],
    ['parts that are padded for themselves', ['YQ==YWI=YWJj'], 'aababc'],
    ['the same in the middle of chunks', ['YQ', '==YW', 'I=Y', 'WJj'], 'aababc'],
    ['one character at a time', 'YQ==YWI='.split(''), 'aab'],
    ['an empty chunk', ['YW', '', 'Jj'], 'abc'],
    ['all of the alphabet', ['+/+/'], '\xfb\xff\xbf'],
  ] as const) {
    test(name, () => assert.equal(whole(...chunks), text));
  }

  test('what is complete goes on at once', () => {
    const { seen } = decode('YWJjYW');
    assert.equal(seen.bytes.toString(), 'abc');
  });

  // RFC 4648 section 3.3: who is not told to ignore other characters must reject them. The gRPC-Web libraries send none.
  for (const [name, chunk] of [
    ['blanks', 'YW Jj'],
    ['line ends', 'YWJj\r\nYWJj'],
    ['base64url', '-_-_'],
    ['a sign of padding alone', '====YWJj'],
    ['padding within a quad', 'Y=Jj'],
    ['three signs of padding', 'Y==='],
    ['other bytes', 'YW\xffj'],
    ['a NUL', 'YWJ\0'],
  ] as const) {
    test(`${name}: refused, and the sender is stopped`, () => {
      const { from, seen } = decode('YWJj', chunk);
      assert.equal(seen.bytes.toString(), 'abc');
      const [failure] = seen.ends;
      assert.equal(failure?.pg, 'PG_BAD_ENVELOPE');
      assert.match(failure.message, /no base64/);
      assert.deepEqual([seen.ends.length, from.cancels], [1, [failure]]);
    });
  }

  for (const rest of ['Y', 'YW', 'YWJ']) {
    test(`an end behind "${rest}" is none`, () => {
      const { from, seen } = decode(`YWJj${rest}`);
      from.sink?.end(null);
      assert.deepEqual([seen.ends.length, seen.ends[0]?.pg], [1, 'PG_BAD_ENVELOPE']);
    });
  }

  test('a failure of the transport is handed on, and nothing behind it', () => {
    const { from, seen } = decode('YWJjYW');
    const { sink } = from;
    const reason = new GatewayError('PG_BODY_INCOMPLETE', 'gone');
    sink?.fail(reason);
    sink?.write(Buffer.from('Jj'));
    assert.deepEqual([seen.ends, seen.bytes.toString()], [[reason], 'abc']);
  });

  test('a reader that wants no more is heard', () => {
    const from = new FakeSource();
    const seen = seenSink();
    const source = new Base64Source(from);
    source.pump(seen);
    seen.takes = false;
    from.give('YW');
    assert.equal(from.paused, false);
    from.give('Jj');
    assert.equal(from.paused, true);
    source.resume();
    assert.equal(from.resumes, 1);
  });
});

describe('a sink in base64', () => {
  test('each chunk is a padded part for itself', () => {
    const seen = seenSink();
    const sink = new Base64Sink(seen);
    for (const chunk of ['a', 'ab', 'abc', '']) assert.equal(sink.write(Buffer.from(chunk)), true);
    sink.end(null);
    assert.equal(seen.bytes.toString(), 'YQ==YWI=YWJj');
    assert.deepEqual(seen.ends, [null]);
  });

  test('a view into a larger buffer is the view alone', () => {
    const seen = seenSink();
    new Base64Sink(seen).write(new Uint8Array(Buffer.from('xxabcxx')).subarray(2, 5));
    assert.equal(seen.bytes.toString(), 'YWJj');
  });

  test('drain and failure pass through', () => {
    const seen = seenSink();
    const sink = new Base64Sink(seen);
    seen.takes = false;
    assert.equal(sink.write(Buffer.from('a')), false);
    let drained = 0;
    sink.onDrain = () => drained++;
    seen.onDrain?.();
    const reason = new GatewayError('PG_CLIENT_GONE', 'gone');
    sink.fail(reason);
    assert.deepEqual([drained, seen.ends], [1, [reason]]);
  });
});
