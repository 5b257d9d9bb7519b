/** The two ends of a compressed stream: what they hold is released whoever leaves first. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GatewayError } from '../../../src/call/error.ts';
import type { HeaderList, Sink, Source } from '../../../src/call/types.ts';
import { CompressingSink } from '../../../src/compression/compressing-sink.ts';
import { codingOf, type ContentCoding } from '../../../src/compression/content-coding.ts';
import { InflatingSource } from '../../../src/compression/inflating-source.ts';

const GONE = new GatewayError('PG_CLIENT_GONE', 'the client left');
const MANY = 1_000_000;

/** Writes down what it gets; resolves `over` with its trailers or its failure. */
class Reader implements Sink {
  onDrain: (() => void) | null = null;
  readonly chunks: Uint8Array[] = [];
  readonly over: Promise<HeaderList | GatewayError | null>;
  readonly #settle: (end: HeaderList | GatewayError | null) => void;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<HeaderList | GatewayError | null>();
    this.over = promise;
    this.#settle = resolve;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  write(chunk: Uint8Array): boolean {
    this.chunks.push(chunk);
    return true;
  }

  end(trailers: HeaderList | null): void {
    this.#settle(trailers);
  }

  fail(reason: GatewayError): void {
    this.#settle(reason);
  }
}

/** Hands out the sink that it is pumped into. */
class Sender implements Source {
  sink: Sink | null = null;
  cancelled: GatewayError | null = null;

  pump(sink: Sink): void {
    this.sink = sink;
  }

  pause(): void {}

  resume(): void {}

  cancel(reason: GatewayError): void {
    this.cancelled = reason;
  }
}

/** gzip whose streams can be looked at behind the test. */
function watched(): { coding: ContentCoding; destroyed: () => boolean } {
  const gzip = codingOf('gzip');
  assert.ok(gzip !== undefined);
  const made: { destroyed: boolean }[] = [];
  const keep = <Kept extends { destroyed: boolean }>(stream: Kept): Kept => {
    made.push(stream);
    return stream;
  };
  return {
    coding: {
      ...gzip,
      compressor: () => keep(gzip.compressor()),
      decompressor: () => keep(gzip.decompressor()),
    },
    destroyed: () => made.length > 0 && made.every((stream) => stream.destroyed),
  };
}

function inflating(reader: Sink, freeBytes = 100): [Sender, () => boolean, InflatingSource] {
  const { coding, destroyed } = watched();
  const sender = new Sender();
  const source = new InflatingSource(sender, coding, freeBytes);
  source.pump(reader);
  return [sender, destroyed, source];
}

describe('a compressing sink', () => {
  test('hands on trailers behind the last part', async () => {
    const reader = new Reader();
    const sink = new CompressingSink(reader, watched().coding);
    for (const part of ['a', 'b', 'c'.repeat(100_000)]) sink.write(Buffer.from(part));
    sink.end(['x-a', '1']);
    assert.deepEqual(await reader.over, ['x-a', '1']);
    assert.equal(gunzipSync(Buffer.concat(reader.chunks)).length, 100_002);
  });

  test('that fails passes on why, and takes what comes behind without a word', async () => {
    const reader = new Reader();
    const { coding, destroyed } = watched();
    const sink = new CompressingSink(reader, coding);
    sink.write(Buffer.from('a'));
    sink.fail(GONE);
    assert.equal(await reader.over, GONE);
    assert.equal(sink.write(Buffer.from('b')), true);
    sink.end(null);
    assert.equal(destroyed(), true);
  });

  test('that is dropped behind its end is released', () => {
    const { coding, destroyed } = watched();
    const sink = new CompressingSink(new Reader(), coding);
    sink.end(null);
    sink.drop();
    assert.equal(destroyed(), true);
  });
});

describe('an inflating source', () => {
  test('hands on what comes, and its end', async () => {
    const reader = new Reader();
    const [sender] = inflating(reader);
    sender.sink?.write(gzipSync('whale'));
    sender.sink?.end(null);
    assert.equal(await reader.over, null);
    assert.equal(reader.text, 'whale');
  });

  test('that breaks off passes on why', async () => {
    const reader = new Reader();
    const [sender, destroyed] = inflating(reader);
    sender.sink?.write(gzipSync('whale').subarray(0, 12));
    sender.sink?.fail(GONE);
    assert.equal(await reader.over, GONE);
    assert.equal(destroyed(), true);
  });

  test('that nobody reads any more tells its sender and is released', () => {
    const reader = new Reader();
    const [sender, destroyed, source] = inflating(reader);
    sender.sink?.write(gzipSync('whale'));
    source.cancel(GONE);
    assert.equal(sender.cancelled, GONE);
    assert.equal(destroyed(), true);
  });

  test('stops at 200 times of what came and what is free: a bomb is not inflated any further', async () => {
    const reader = new Reader();
    const [sender, destroyed] = inflating(reader);
    const bomb = gzipSync(Buffer.alloc(MANY));
    sender.sink?.write(bomb);
    const over = await reader.over;
    assert.ok(over instanceof GatewayError && over.pg === 'PG_BODY_TOO_LARGE');
    assert.equal(sender.cancelled, over);
    assert.ok(reader.text.length <= bomb.length * 200 + 100);
    assert.equal(destroyed(), true);
  });

  test('with so much free that it may be as large is inflated as a whole', async () => {
    const reader = new Reader();
    const [sender] = inflating(reader, MANY);
    sender.sink?.write(gzipSync(Buffer.alloc(MANY)));
    sender.sink?.end(null);
    assert.equal(await reader.over, null);
    assert.equal(reader.text.length, MANY);
  });

  test('that is not compressed fails, and tells its sender', async () => {
    const reader = new Reader();
    const [sender, destroyed] = inflating(reader);
    sender.sink?.write(Buffer.from('{"name":"plain"}'));
    const over = await reader.over;
    assert.ok(over instanceof GatewayError && over.pg === 'PG_MALFORMED_ENCODING');
    assert.equal(sender.cancelled, over);
    assert.equal(destroyed(), true);
  });
});
