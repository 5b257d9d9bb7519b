/** Exchange.upgrade over any version of HTTP: Upgrade (RFC 9110 section 7.8) and extended CONNECT (RFC 8441). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { untilStill } from '../../support/raw-connection.ts';
import { type Capabilities, type OpenExchangeHost, type Served, startHost, turns } from './host.ts';
import type { OpenPeer } from './peer.ts';

const MB = 1 << 20;

export function anyUpgradeCases(
  open: OpenExchangeHost,
  openPeer: OpenPeer,
  { upgrades }: Capabilities,
): void {
  if (upgrades === 'given') givenCases(open, openPeer);
  else if (upgrades === 'passed over') passedOverCase(open, openPeer);
  else refusedCase(open, openPeer);
}

function passedOverCase(open: OpenExchangeHost, openPeer: OpenPeer): void {
  test('a request for another protocol is served as any other', async (t) => {
    const host = await startHost(t, open);
    const asked = openPeer(t, host.port).upgrade('/chat', 'echo');
    const { exchange } = await host.next();
    assert.equal(exchange.head.upgrade, undefined);
    assert.throws(() => exchange.upgrade([]), /does not ask for an upgrade/);
    exchange.answer(200, [], Buffer.from('plain'));
    const { status, stream } = await asked;
    assert.deepEqual([status, stream], [200, null]);
  });
}

function refusedCase(open: OpenExchangeHost, openPeer: OpenPeer): void {
  test('a request for another protocol is refused before us', async (t) => {
    const host = await startHost(t, open);
    const { status } = await openPeer(t, host.port).upgrade('/chat', 'echo');
    assert.deepEqual([status, host.served], [405, 0]);
  });
}

interface Tunnel {
  readonly served: Served;
  /** The server's end. */
  readonly ours: Duplex;
  /** The client's end. */
  readonly theirs: Duplex;
}

function givenCases(open: OpenExchangeHost, openPeer: OpenPeer): void {
  const openTunnel = async (t: TestContext): Promise<Tunnel> => {
    const host = await startHost(t, open);
    const asked = openPeer(t, host.port).upgrade('/chat?a=1', 'Echo');
    const served = await host.next();
    const { head } = served.exchange;
    assert.deepEqual([head.upgrade, head.path, head.query], ['echo', '/chat', 'a=1']);
    const ours = served.exchange.upgrade(['x-a', '1']);
    ours.on('error', () => {});
    const { status, headers, stream } = await asked;
    assert.equal(status, head.httpVersion === '1.1' ? 101 : 200);
    assert.equal(new Map(headers).get('x-a'), '1');
    assert.ok(stream !== null);
    stream.on('error', () => {});
    return { served, ours, theirs: stream };
  };

  test('bytes go both ways until both have ended', async (t) => {
    const { served, ours, theirs } = await openTunnel(t);
    let heard = '';
    ours.on('data', (chunk: Buffer) => ours.write(chunk.toString().toUpperCase()));
    ours.on('end', () => ours.end('bye'));
    theirs.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    theirs.write('hello ');
    await once(theirs, 'data');
    assert.equal(heard, 'HELLO ');
    assert.equal(served.doneCount, 0);
    theirs.end('there ');
    await once(theirs, 'end');
    assert.equal(heard, 'HELLO THERE bye');
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('the server may speak first', async (t) => {
    const { ours, theirs } = await openTunnel(t);
    ours.write('first');
    const [chunk] = (await once(theirs, 'data')) as [Buffer];
    assert.equal(chunk.toString(), 'first');
  });

  test('a client that leaves closes our end; for the exchange that is no leaving', async (t) => {
    const { served, ours, theirs } = await openTunnel(t);
    ours.resume();
    const closed = new Promise((resolve) => ours.once('close', resolve));
    // To end its side alone is no leaving, and by `destroy` a socket says no more than that.
    if (theirs instanceof Socket) theirs.resetAndDestroy();
    else theirs.destroy(new Error('left'));
    await closed;
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  test('our end destroyed cuts that of the client', async (t) => {
    const { served, ours, theirs } = await openTunnel(t);
    theirs.resume();
    const closed = new Promise((resolve) => theirs.once('close', resolve));
    ours.destroy();
    await closed;
    await served.done;
    await turns();
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
  });

  for (const by of ['the client', 'the server'] as const) {
    test(`a reader that stops, ${by}, stops the writer; all arrives when it goes on`, async (t) => {
      const { ours, theirs } = await openTunnel(t);
      const [reader, writer] = by === 'the client' ? [theirs, ours] : [ours, theirs];
      let got = 0;
      reader.on('data', (chunk: Buffer) => (got += chunk.length));
      reader.pause();
      const state = { written: 0 };
      const sent = fill(writer, 64 * MB, state);
      const held = await untilStill(() => state.written);
      assert.ok(held < 16 * MB, `${held} bytes are held for a reader that does not read`);
      assert.ok(got <= 1 << 17, `${got} bytes came to a reader that does not read`);
      reader.resume();
      await Promise.all([sent, once(reader, 'end')]);
      assert.equal(got, 64 * MB);
    });
  }

  test('one that is answered otherwise is a request as any other', async (t) => {
    const host = await startHost(t, open);
    const peer = openPeer(t, host.port);
    const asked = peer.upgrade('/chat', 'echo');
    const served = await host.next();
    served.exchange.answer(403, [], Buffer.from('no'));
    assert.equal((await asked).status, 403);
    await served.done;
    assert.deepEqual([served.goneCount, served.doneCount], [0, 1]);
    const { answer } = peer.request();
    (await host.next()).exchange.answer(200, [], Buffer.from('next'));
    assert.equal((await answer).body.toString(), 'next');
  });
}

/** Writes `bytes` as fast as they are taken, then ends. */
async function fill(writer: Duplex, bytes: number, state: { written: number }): Promise<void> {
  const chunk = Buffer.alloc(1 << 16, 'x');
  while (state.written < bytes) {
    state.written += chunk.length;
    if (!writer.write(chunk)) await once(writer, 'drain');
  }
  writer.end();
}
