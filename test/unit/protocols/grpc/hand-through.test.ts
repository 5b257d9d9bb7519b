/** The two places where chunks pass: the same objects go out that came in, and only what was taken is given back. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../../src/call/error.ts';
import { OK, type Status } from '../../../../src/call/status.ts';
import { enclose, type EnvelopeRules } from '../../../../src/rpc/envelope.ts';
import { OF_CLIENT, OF_SERVICE } from '../../../../src/rpc/faults.ts';
import type { ResponseOwner } from '../../../../src/protocols/grpc/response.ts';
import { ScannedSource } from '../../../../src/rpc/scanned-source.ts';
import { StreamedResponse } from '../../../../src/protocols/grpc/streamed-response.ts';
import { FakeSource } from '../../framing/fake-source.ts';
import { seenSink as sink } from '../../rpc/seen-sink.ts';

const RULES: EnvelopeRules = { faults: OF_SERVICE, maxBytes: 100, compression: null };
const ONE = enclose(Buffer.from('one'));
const TWO = enclose(Buffer.from('two'));
const BAD = Uint8Array.of(9, 0, 0, 0, 0);
const LOST = new GatewayError('PG_UPSTREAM_RESET', 'lost');

class Owner implements ResponseOwner {
  readonly response: StreamedResponse = new StreamedResponse(this, RULES);
  credited = 0;
  touched = 0;
  readonly settled: Status[] = [];
  readonly failed: GatewayError[] = [];

  credit(bytes: number): void {
    this.credited += bytes;
  }

  touch(): void {
    this.touched++;
  }

  settle(status: Status): void {
    this.settled.push(status);
    this.response.close(null);
  }

  fail(reason: GatewayError): void {
    this.failed.push(reason);
    this.response.close(reason);
  }
}

describe('the answer of a service', () => {
  test('chunks are the same objects, counted as moved and given back when they were taken', () => {
    const owner = new Owner();
    const out = sink();
    owner.response.raw().pump(out);
    for (const chunk of [ONE, TWO, ONE.subarray(0, 3), ONE.subarray(3)]) owner.response.push(chunk);
    owner.response.finish(OK);
    assert.equal(out.chunks[0], ONE);
    assert.equal(out.chunks[1], TWO);
    assert.equal(out.chunks.length, 4);
    assert.deepEqual([owner.credited, owner.touched], [24, 4]);
    assert.deepEqual([out.ends, owner.settled], [[null], [OK]]);
  });

  test('what came before the flow began goes first', () => {
    const owner = new Owner();
    const out = sink();
    owner.response.push(ONE);
    owner.response.push(TWO);
    owner.response.finish(OK);
    assert.deepEqual([owner.credited, owner.settled], [0, []]);
    owner.response.raw().pump(out);
    assert.deepEqual(Buffer.concat(out.chunks), Buffer.concat([ONE, TWO]));
    assert.deepEqual([owner.credited, out.ends, owner.settled], [16, [null], [OK]]);
  });

  test('a sink that is full gets nothing and gives nothing back until it asks', () => {
    const owner = new Owner();
    const out = sink();
    out.takes = false;
    owner.response.raw().pump(out);
    for (const chunk of [ONE, TWO, TWO]) owner.response.push(chunk);
    owner.response.finish(OK);
    assert.deepEqual([out.chunks, owner.credited, out.ends], [[ONE], 0, []]);
    out.takes = true;
    owner.response.resume();
    assert.deepEqual(Buffer.concat(out.chunks), Buffer.concat([ONE, TWO, TWO]));
    assert.deepEqual([owner.credited, out.ends, owner.settled], [24, [null], [OK]]);
  });

  test('a bad head fails the call, and nothing of its chunk is handed on', () => {
    const owner = new Owner();
    const out = sink();
    owner.response.raw().pump(out);
    owner.response.push(ONE);
    owner.response.push(Buffer.concat([TWO, BAD]));
    assert.deepEqual(out.chunks, [ONE]);
    assert.equal(owner.failed[0]?.pg, 'PG_UPSTREAM_PROTOCOL');
    assert.deepEqual(out.ends, owner.failed);
  });

  test('OK within a message is no end, another status is', () => {
    const cut = new Owner();
    const out = sink();
    cut.response.raw().pump(out);
    cut.response.push(ONE.subarray(0, 6));
    cut.response.finish(OK);
    assert.equal(cut.failed[0]?.pg, 'PG_UPSTREAM_PROTOCOL');
    const refused = new Owner();
    refused.response.raw().pump(sink());
    refused.response.push(ONE.subarray(0, 6));
    const status: Status = { ...OK, code: 'ABORTED' };
    refused.response.finish(status);
    assert.deepEqual([refused.settled, refused.failed], [[status], []]);
  });

  test('a call that has failed before the flow begins fails the sink', () => {
    const owner = new Owner();
    const out = sink();
    owner.fail(LOST);
    owner.response.raw().pump(out);
    assert.deepEqual(out.ends, [LOST]);
  });
});

describe('the request of a client', () => {
  const rules: EnvelopeRules = { ...RULES, faults: OF_CLIENT };

  test('chunks are the same objects; a sink that is full is told on', () => {
    const source = new FakeSource();
    const out = sink();
    new ScannedSource(source, rules).pump(out);
    assert.equal(source.sink?.write(ONE), true);
    out.takes = false;
    assert.equal(source.sink?.write(TWO), false);
    source.sink?.end(null);
    assert.equal(out.chunks[0], ONE);
    assert.equal(out.chunks[1], TWO);
    assert.deepEqual(out.ends, [null]);
  });

  test('a bad head fails the sink, cancels the source, and the rest goes nowhere', () => {
    const source = new FakeSource();
    const out = sink();
    new ScannedSource(source, rules).pump(out);
    const scanned = source.sink;
    scanned?.write(ONE);
    scanned?.write(BAD);
    scanned?.write(TWO);
    scanned?.end(null);
    assert.deepEqual(out.chunks, [ONE]);
    assert.equal(out.ends[0]?.pg, 'PG_BAD_ENVELOPE');
    assert.equal(out.ends.length, 1);
    assert.equal(source.cancels.length, 1);
  });

  test('an end within a message fails the sink', () => {
    const source = new FakeSource();
    const out = sink();
    new ScannedSource(source, rules).pump(out);
    source.sink?.write(ONE.subarray(0, 4));
    source.sink?.end(null);
    assert.equal(out.ends[0]?.pg, 'PG_BAD_ENVELOPE');
  });

  test('a body that was cut off fails the sink as it is', () => {
    const source = new FakeSource();
    const out = sink();
    new ScannedSource(source, rules).pump(out);
    source.sink?.fail(LOST);
    assert.deepEqual(out.ends, [LOST]);
  });
});
