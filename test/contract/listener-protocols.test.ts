/** One port for all protocols, asked by clients of Node: what the first bytes and the handshake decide. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { before, describe, test, type TestContext } from 'node:test';
import { listen, type Listener, type ListenerOptions } from '../../src/listen/listener.ts';
import type { ListenerTls } from '../../src/listen/tls.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { listenerOptions } from '../support/listener-options.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { openConnection } from '../support/raw-connection.ts';
import { turns } from './exchange/host.ts';

let certificates: Certificates;
before(() => {
  certificates = makeCertificates();
});

/** Answers every request with its version and scheme. */
async function start(
  t: TestContext,
  tls: Partial<ListenerTls> | null,
  changes: Partial<ListenerOptions> = {},
): Promise<Listener & { readonly clock: ManualClock; readonly stopped: string[] }> {
  const clock = new ManualClock();
  const stopped: string[] = [];
  const { loopback } = certificates;
  const listener = await listen(
    listenerOptions(
      (exchange) => {
        const { httpVersion, scheme } = exchange.head;
        exchange.answer(200, [], Buffer.from(`${httpVersion} ${scheme}`));
      },
      clock,
      {
        tls:
          tls === null ? null : { certificates: [loopback], clientCa: null, plain: false, ...tls },
        onLimit: (name) => void stopped.push(name),
        ...changes,
      },
    ),
  );
  t.after(async () => {
    const drained = listener.drain();
    listener.cut();
    await drained;
  });
  return { ...listener, clock, stopped };
}

async function askHttp2(t: TestContext, port: number, secure: boolean): Promise<string> {
  const session = connectHttp2(`${secure ? 'https' : 'http'}://127.0.0.1:${port}`, {
    ca: certificates.ca,
  });
  t.after(() => session.destroy());
  let text = '';
  for await (const chunk of session.request({ ':path': '/' }).setEncoding('utf8')) {
    text += String(chunk);
  }
  return text;
}

async function handshake(
  t: TestContext,
  port: number,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca: certificates.ca, ...options });
  t.after(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const GET = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';

describe('a plain port', () => {
  test('HTTP/1.1 and HTTP/2 by prior knowledge', async (t) => {
    const { port } = await start(t, null);
    const connection = openConnection(t, port);
    void connection.write(GET);
    assert.equal((await connection.answer()).body, '1.1 http');
    assert.equal(await askHttp2(t, port, false), '2.0 http');
  });

  test('the preface of HTTP/2 byte by byte, and a verb that begins like it', async (t) => {
    const { port } = await start(t, null);
    const slow = openConnection(t, port);
    for (const byte of 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') {
      await slow.write(byte);
      await turns(2);
    }
    await slow.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    // SETTINGS of the server, the first frame that it sends (RFC 9113 section 3.4).
    await slow.until('\x04\x00\x00\x00\x00\x00');
    const other = openConnection(t, port);
    await other.write('P');
    await turns();
    await other.write('UT / HTTP/1.1\r\nhost: a\r\n\r\n');
    assert.equal((await other.answer()).body, '1.1 http');
  });

  test('a preface of neither is not answered, a wrong request line is', async (t) => {
    const { port } = await start(t, null);
    const stranger = openConnection(t, port);
    await stranger.write('INVALID CONNECTION PREFACE\r\n\r\n');
    await stranger.closed;
    assert.equal(stranger.received, '');
    for (const line of ['GET /', 'GET / x', 'GET a HTTP/1.1', 'GOT * RTSP/1.0', 'GET a:80 x']) {
      const connection = openConnection(t, port);
      await connection.write(`${line}\r\nhost: a\r\n\r\n`);
      assert.equal((await connection.answer()).status, 400, line);
    }
  });

  test('TLS on it is no HTTP', async (t) => {
    const { port } = await start(t, null);
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false });
    const [error] = (await once(socket, 'error')) as [Error];
    assert.match(error.message, /wrong version number|packet length/);
  });
});

describe('a TLS port', () => {
  test('ALPN chooses between HTTP/2 and HTTP/1.1', async (t) => {
    const { port } = await start(t, {});
    assert.equal(await askHttp2(t, port, true), '2.0 https');
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      httpsRequest({ host: '127.0.0.1', port, ca: certificates.ca, agent: false }, resolve)
        .on('error', reject)
        .end();
    });
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    assert.equal(text, '1.1 https');
  });

  test('a client without ALPN speaks HTTP/1.1, one that knows neither is refused', async (t) => {
    const { port } = await start(t, {});
    const socket = await handshake(t, port);
    socket.write(GET);
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    assert.match(chunk.toString(), /1\.1 https$/);
    await assert.rejects(
      handshake(t, port, { ALPNProtocols: ['acme/1'] }),
      /no application protocol/,
    );
  });

  test('plain HTTP is told what is wrong, and answered where the configuration says so', async (t) => {
    const strict = await start(t, {});
    const refused = openConnection(t, strict.port);
    void refused.write(GET);
    const { status, body } = await refused.answer();
    assert.deepEqual([status, body], [400, 'PG_BAD_REQUEST']);
    await refused.closed;
    const both = await start(t, { plain: true });
    const plain = openConnection(t, both.port);
    void plain.write(GET);
    assert.equal((await plain.answer()).body, '1.1 http');
    assert.equal(await askHttp2(t, both.port, false), '2.0 http');
    assert.equal(await askHttp2(t, both.port, true), '2.0 https');
  });

  test('HTTP/2 by prior knowledge does not get around TLS', async (t) => {
    const { port } = await start(t, {});
    const connection = openConnection(t, port);
    void connection.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    await connection.closed;
    assert.ok(!connection.received.includes('\x04\x00\x00\x00\x00\x00'));
  });

  test('each name gets its certificate, others the first', async (t) => {
    const { loopback, server } = certificates;
    const { port } = await start(t, { certificates: [loopback, server] });
    const named = await handshake(t, port, { servername: 'service.test' });
    assert.equal(named.getPeerCertificate().subjectaltname, 'DNS:service.test');
    const other = await handshake(t, port, { servername: 'other.test', rejectUnauthorized: false });
    assert.equal(other.getPeerCertificate().subjectaltname, 'IP Address:127.0.0.1');
    const none = await handshake(t, port);
    assert.equal(none.getPeerCertificate().subjectaltname, 'IP Address:127.0.0.1');
  });

  test('with clientCa only clients with a certificate get in, for every name', async (t) => {
    const { loopback, server, client, ca } = certificates;
    const { port } = await start(t, { certificates: [loopback, server], clientCa: ca });
    for (const servername of [undefined, 'service.test']) {
      const options = servername === undefined ? {} : { servername };
      const known = await handshake(t, port, { ...options, ...client });
      known.write(GET);
      const [chunk] = (await once(known, 'data')) as [Buffer];
      assert.match(chunk.toString(), /1\.1 https$/);
      // TLS 1.3 clients believe themselves connected before their certificate has been looked at.
      const stranger = await handshake(t, port, options);
      stranger.write(GET);
      const [error] = (await once(stranger, 'error')) as [Error];
      assert.match(error.message, /certificate required/);
    }
  });

  test('a session ticket makes the second handshake short', async (t) => {
    const { port } = await start(t, {});
    const first = connectTls({ host: '127.0.0.1', port, ca: certificates.ca });
    t.after(() => first.destroy());
    const [session] = (await once(first, 'session')) as [Buffer];
    assert.equal(first.isSessionReused(), false);
    const second = await handshake(t, port, { session });
    assert.equal(second.isSessionReused(), true);
  });

  test('a handshake has the time of the first byte, and not more', async (t) => {
    const listener = await start(t, {});
    const { port, clock, stopped } = listener;
    const connection = openConnection(t, port);
    await connection.write(Buffer.from([0x16, 3, 1, 2, 0]));
    await turns();
    clock.advance(10_020);
    await connection.closed;
    assert.deepEqual(stopped, ['first_byte']);
    await listener.drain();
    assert.equal(clock.pending, 0);
  });

  test('a drain ends connections in their handshake and idle ones', async (t) => {
    const listener = await start(t, {});
    const { port } = listener;
    const idle = await handshake(t, port);
    const opening = openConnection(t, port);
    await opening.write(Buffer.from([0x16, 3, 1, 2, 0]));
    await turns();
    const closed = once(idle, 'close');
    idle.resume();
    await listener.drain();
    await Promise.all([closed, opening.closed]);
  });
});
