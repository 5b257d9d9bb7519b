/** Metadata both ways, and the deadline on the wire. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http2';
import { test } from 'node:test';
import { Metadata, type MetadataValue } from '../../../src/call/metadata.ts';
import { envelope, respond, respondOnly } from '../../support/scripted-grpc.ts';
import { allItems, type Harness, type MakeOutbound, startHarness } from './harness.ts';

export function metadataCases(make: MakeOutbound): void {
  test('text and bytes, repeats in order', async (t) => {
    const headers = await headersOf(
      await startHarness(t, make),
      new Metadata()
        .append('X-One', 'a b')
        .append('x-many', '1')
        .append('x-many', '2')
        .append('x-bytes-bin', new Uint8Array([0, 255, 10]))
        .append('x-bytes-bin', new Uint8Array([7]))
        .append('x-empty', ''),
    );
    assert.equal(headers['x-one'], 'a b');
    assert.equal(headers['x-many'], '1, 2');
    assert.equal(headers['x-empty'], '');
    const parts = String(headers['x-bytes-bin']).split(',');
    assert.deepEqual(
      parts.map((part) => [...Buffer.from(part.trim(), 'base64')]),
      [[0, 255, 10], [7]],
    );
  });

  test("gRPC's own names, those of the connection and what is not legal are left out; the call goes on", async (t) => {
    const metadata = new Metadata().append('x-kept', '1');
    const dropped = [
      'grpc-timeout',
      'grpc-encoding',
      'grpc-anything',
      'content-type',
      'content-length',
      'te',
      'connection',
      'keep-alive',
      'proxy-connection',
      'transfer-encoding',
      'upgrade',
      'http2-settings',
      'host',
      ':authority',
      'x space',
      'x(bad)',
    ];
    for (const name of dropped) metadata.append(name, '1');
    metadata.append('x-control', 'a\nb').append('x-umlaut', 'ä').append('x-text-bin', 'no bytes');
    const headers = await headersOf(await startHarness(t, make), metadata);
    assert.equal(headers['x-kept'], '1');
    for (const name of [...dropped, 'x-control', 'x-umlaut', 'x-text-bin']) {
      if (name === 'te') assert.equal(headers['te'], 'trailers');
      else if (name === 'content-type') assert.equal(headers['content-type'], 'application/grpc');
      else if (name === ':authority') assert.match(headers[':authority'] ?? '', /^127\.0\.0\.1:/);
      else if (name === 'grpc-encoding') assert.notEqual(headers['grpc-encoding'], '1');
      else assert.equal(headers[name], undefined, name);
    }
  });

  for (const [timeoutMs, text] of [
    [undefined, undefined],
    [250, '250m'],
    [250.4, '251m'],
    [0.1, '1m'],
    [-5, '1m'],
    [99_999_999, '99999999m'],
    [100_000_000, '100000S'],
    [1e15, '99999999S'],
  ] as const) {
    test(`a deadline in ${timeoutMs} ms is grpc-timeout ${text}`, async (t) => {
      const harness = await startHarness(t, make);
      const options = timeoutMs === undefined ? {} : { timeoutMs };
      const headers = await headersOf(harness, new Metadata(), options);
      assert.equal(headers['grpc-timeout'], text);
    });
  }

  test('head and trailers of the service, without what belongs to the wire', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => {
      const both = { 'x-bytes-bin': 'AP8=', 'x-many': ['1', '2'] };
      respond(
        stream,
        { 'grpc-status': '0', 'grpc-message': 'm', 'x-tail': 'z', ...both },
        { 'x-head': 'a', 'grpc-accept-encoding': 'gzip', ...both },
      );
      stream.end(envelope({}));
    };
    for (const kind of ['unary', 'server_stream'] as const) {
      const reply = await send({ kind }).reply;
      await allItems(reply);
      const { trailers } = await reply.end;
      for (const [metadata, own, value] of [
        [reply.metadata, 'x-head', 'a'],
        [trailers, 'x-tail', 'z'],
      ] as const) {
        const plain = plainOf(metadata);
        assert.deepEqual(plain.get('x-bytes-bin'), [[0, 255]]);
        assert.equal((plain.get('x-many') ?? []).join(', '), '1, 2');
        assert.deepEqual(plain.get(own), [value]);
        // node:http2 adds the date of the head.
        const names = [...plain.keys()].filter((name) => name !== 'date').toSorted();
        assert.deepEqual(names, [own, 'x-bytes-bin', 'x-many'].toSorted());
      }
    }
  });

  test('metadata of a head that is all arrives with the status', async (t) => {
    const { peer, send } = await startHarness(t, make);
    peer.script = ({ stream }) => respondOnly(stream, { 'grpc-status': '16', 'x-why': 'token' });
    for (const kind of ['unary', 'server_stream'] as const) {
      const reply = await send({ kind }).reply;
      await allItems(reply);
      assert.equal((await reply.end).trailers?.text('x-why'), 'token');
    }
  });
}

async function headersOf(
  { peer, send }: Harness,
  metadata: Metadata,
  options: { timeoutMs?: number } = {},
): Promise<IncomingHttpHeaders> {
  let seen: IncomingHttpHeaders = {};
  peer.script = ({ stream, headers }) => {
    seen = headers;
    respond(stream, { 'grpc-status': '0' });
    stream.end(envelope({}));
  };
  await allItems(await send({ metadata, ...options }).reply);
  return seen;
}

function plainOf(metadata: Metadata | null): Map<string, (string | number[])[]> {
  const plain = new Map<string, (string | number[])[]>();
  metadata?.each((name: string, value: MetadataValue) => {
    const values = plain.get(name) ?? [];
    plain.set(name, [...values, typeof value === 'string' ? value : [...value]]);
  });
  return plain;
}
