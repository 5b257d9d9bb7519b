/**
 * Requests with bodies, with random bits, bytes and lines changed, on one connection: cut anywhere they mean what they mean whole, nothing behind
 * one that was refused is read, and what we accept node:http in strict mode accepts too, as the same request.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { edited, edits } from './http1/edits.ts';
import { type Reading, readByNode, readByUs } from './http1/readings.ts';

const BEHIND = 'GET /behind HTTP/1.1\r\nhost: a\r\n\r\n';
const CHUNKED = 'host: a\r\ntransfer-encoding: chunked\r\n\r\n';
const SEEDS = [
  'POST /a?b=c HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\nhello\r\nbody',
  `POST /a HTTP/1.1\r\n${CHUNKED}5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n`,
  `PUT /a HTTP/1.1\r\n${CHUNKED}A\r\n0123456789\r\n00b;x="y;z";w\r\n0\r\n\r\nGET /i\r\n000\r\n\r\n`,
  `POST /a HTTP/1.1\r\ntrailer: x-t\r\n${CHUNKED}3;n=v\r\nabc\r\n0\r\nx-t: 1\r\nx-u:  2 \r\n\r\n`,
  'POST /a HTTP/1.1\r\nHost:\ta:80 \r\nContent-Length: 0\r\n\r\n',
  'DELETE http://a/b HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n\r\n\r',
  'GET /a HTTP/1.1\r\nhost: a\r\nx-long: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n',
  'POST /a HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nab',
  `POST /a HTTP/1.1\r\nconnection: close\r\n${CHUNKED}1\r\nx\r\n0\r\n\r\n`,
  `OPTIONS * HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\nxPOST /a HTTP/1.1\r\n${CHUNKED}2\r\nab\r\n0\r\n\r\n`,
].map((text) => Buffer.from(text + BEHIND, 'latin1'));

const mutated = fc.record({
  seed: fc.constantFrom(...SEEDS),
  changes: edits,
  cuts: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
});

test('every cut of what is legal', async () => {
  for (const bytes of SEEDS) {
    const whole = await readByUs([bytes]);
    assert.ok(whole.requests.every(({ broken }) => !broken));
    assert.ok(whole.requests.length >= 1);
    assertAccepted(whole, await readByNode(bytes));
    for (let at = 1; at < bytes.length; at++) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      assert.deepEqual(await readByUs(parts), whole, `cut at ${at}`);
    }
  }
});

test('requests with up to four edits', async () => {
  const seen = { accepted: 0, broken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(mutated, async ({ seed, changes, cuts }) => {
      const bytes = edited(seed, changes);
      const whole = await readByUs([bytes]);
      assertEnds(whole);
      assertAccepted(whole, await readByNode(bytes));
      assert.deepEqual(await readByUs(cutAt(bytes, cuts)), whole);
      assert.deepEqual(await readByUs(cutAt(bytes, everyByte(bytes))), whole);
      if (whole.requests.some(({ broken }) => broken)) seen.broken++;
      else if (whole.statuses.includes(400)) seen.refused++;
      else seen.accepted++;
    }),
    { seed: 27, numRuns: 1_500 },
  );
  for (const [name, count] of Object.entries(seen)) assert.ok(count > 100, `${name}: ${count}`);
});

/** An answer for each request and one for a refusal, which is the last of all. */
function assertEnds({ requests, statuses, closes }: Reading): void {
  const bad = statuses.indexOf(400);
  if (bad >= 0) assert.deepEqual([bad, closes], [statuses.length - 1, true]);
  const broken = requests.findIndex((request) => request.broken);
  if (broken >= 0) assert.equal(broken, requests.length - 1);
}

/** `node` has read the same of all that we have accepted. */
function assertAccepted(ours: Reading, node: Reading): void {
  for (const [at, request] of ours.requests.entries()) {
    if (request.broken) return;
    assert.deepEqual(node.requests[at], request);
  }
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
  const parts: Buffer[] = [];
  let from = 0;
  for (const to of [...places, bytes.length]) {
    if (to > from) parts.push(bytes.subarray(from, to));
    from = Math.max(from, to);
  }
  return parts;
}

function everyByte(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length }, (_, at) => at);
}
