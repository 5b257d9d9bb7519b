/** TLS to services of plain HTTP, by ALPN where it is HTTP/2: who is called by which name, and who is not called. */
import assert from 'node:assert/strict';
import { before, describe, test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import {
  allItems,
  assertRejects,
  type OutboundSettings,
  type Target,
  targetOn,
} from '../contract/outbound/harness.ts';
import { type Certificates, makeCertificates } from '../support/certificates.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';
import {
  answerJson,
  type HttpVersion,
  type ScriptedHttp,
  type ScriptedHttpOptions,
  startScriptedHttp,
} from '../support/scripted-http.ts';

const serverName = 'service.test';
let made: Certificates;
before(() => {
  made = makeCertificates();
});

async function start(t: TestContext, options: ScriptedHttpOptions): Promise<ScriptedHttp> {
  const peer = await startScriptedHttp(options);
  t.after(() => peer.close());
  peer.script = ({ request, response }) => {
    const socket = request.socket as Partial<TLSSocket>;
    const subject = socket.getPeerCertificate?.().subject as { CN?: string } | undefined;
    const { host, ':authority': authority = host } = request.headers;
    answerJson(response, { name: `${subject?.CN ?? 'nobody'} ${String(authority)}` });
  };
  return peer;
}

function caller(
  t: TestContext,
  { port }: ScriptedHttp,
  settings: { readonly http: HttpVersion; readonly tls?: OutboundSettings['tls'] },
): Target {
  return targetOn(
    t,
    (endpoint, given) => makeRestOutbound(endpoint, { ...given, ...settings }),
    port,
  );
}

for (const http of ['1.1', '2'] as const) {
  describe(`HTTP/${http}`, () => {
    test("by the service's authority and name, with the gateway's own certificate", async (t) => {
      const { ca, server, client } = made;
      const tls = { ca, ...server, requestCert: true, rejectUnauthorized: true };
      const peer = await start(t, { http, tls });
      const { send } = caller(t, peer, { http, tls: { ca, ...client, serverName } });
      assert.deepEqual(await allItems(await send().reply), [{ name: 'client.test service.test' }]);
    });

    for (const [name, tlsOf] of [
      ['an authority that did not sign it', () => ({ ca: made.otherCa, serverName })],
      ['the authorities of the system', () => ({ serverName })],
      ['another name than its own', () => ({ ca: made.ca, serverName: 'other.test' })],
      ['its address, which its certificate does not name', () => ({ ca: made.ca })],
    ] as const) {
      test(`a service that is checked against ${name} is not called`, async (t) => {
        const peer = await start(t, { http, tls: made.server });
        const { send } = caller(t, peer, { http, tls: tlsOf() });
        const error = await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE');
        assert.equal(error.reached, 'no');
        assert.equal(peer.calls, 0);
      });
    }
  });
}

test('a service of TLS that does not speak HTTP/2 is not called by it', async (t) => {
  const { ca, server } = made;
  for (const ALPNProtocols of [undefined, ['http/1.1']]) {
    const tls = { ...server, ...(ALPNProtocols !== undefined && { ALPNProtocols }) };
    const peer = await start(t, { http: '1.1', tls });
    const { send } = caller(t, peer, { http: '2', tls: { ca, serverName } });
    const error = await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE');
    assert.equal(error.reached, 'no');
    assert.equal(peer.calls, 0);
  }
});

test('a service of plaintext that does not speak HTTP/2 is not called by it', async (t) => {
  const peer = await start(t, { http: '1.1' });
  const { send } = caller(t, peer, { http: '2' });
  const error = await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE');
  assert.equal(error.reached, 'no');
  assert.equal(peer.calls, 0);
});
