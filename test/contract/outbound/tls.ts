/** TLS to the service, with a certificate of the gateway where the service wants one. */
import assert from 'node:assert/strict';
import { before, test, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Certificates, makeCertificates } from '../../support/certificates.ts';
import {
  envelope,
  respond,
  type ScriptedGrpc,
  startScriptedGrpc,
} from '../../support/scripted-grpc.ts';
import { allItems, assertRejects, type MakeOutbound, targetOn } from './harness.ts';

const serverName = 'service.test';

export function tlsCases(make: MakeOutbound): void {
  let made: Certificates;
  before(() => {
    made = makeCertificates();
  });

  test("by the service's authority and name; the name is the authority of its calls as well", async (t) => {
    const peer = await start(t, made);
    const { send } = targetOn(t, make, peer.port, { tls: { ca: made.ca, serverName } });
    assert.deepEqual(await allItems(await send().reply), [{ name: 'nobody service.test' }]);
  });

  test("with the gateway's own certificate", async (t) => {
    const peer = await start(t, made, true);
    const { cert, key } = made.client;
    const tls = { ca: made.ca, cert, key, serverName };
    const { send } = targetOn(t, make, peer.port, { tls });
    assert.deepEqual(await allItems(await send().reply), [{ name: 'client.test service.test' }]);
  });

  for (const [name, tlsOf] of [
    ['an authority that did not sign it', () => ({ ca: made.otherCa, serverName })],
    ['the authorities of the system', () => ({ serverName })],
    ['another name than its own', () => ({ ca: made.ca, serverName: 'other.test' })],
    ['its address, which its certificate does not name', () => ({ ca: made.ca })],
  ] as const) {
    test(`a service that is checked against ${name} is not called`, async (t) => {
      const peer = await start(t, made);
      const { send } = targetOn(t, make, peer.port, { tls: tlsOf() });
      const error = await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE');
      assert.equal(error.reached, 'no');
      assert.equal(peer.calls, 0);
    });
  }

  test('a service that wants a certificate and gets none is not called', async (t) => {
    const peer = await start(t, made, true);
    const { send } = targetOn(t, make, peer.port, { tls: { ca: made.ca, serverName } });
    await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE', 'PG_UPSTREAM_RESET');
    assert.equal(peer.calls, 0);
  });

  test('plaintext to a service of TLS, and TLS to one of plaintext', async (t) => {
    const secure = await start(t, made);
    await assertRejects(
      targetOn(t, make, secure.port).send().reply,
      'PG_UPSTREAM_UNAVAILABLE',
      'PG_UPSTREAM_RESET',
    );
    const plain = await startScriptedGrpc();
    t.after(() => plain.close());
    const { send } = targetOn(t, make, plain.port, { tls: { ca: made.ca, serverName } });
    await assertRejects(send().reply, 'PG_UPSTREAM_UNAVAILABLE', 'PG_UPSTREAM_RESET');
    assert.deepEqual([secure.calls, plain.calls], [0, 0]);
  });
}

/** Answers with the name of the client's certificate and the authority that it was called by. */
async function start(
  t: TestContext,
  { ca, server }: Certificates,
  wantsClient = false,
): Promise<ScriptedGrpc> {
  const client = wantsClient ? { requestCert: true, rejectUnauthorized: true } : {};
  const peer = await startScriptedGrpc(0, { ca, ...server, ...client });
  t.after(() => peer.close());
  peer.script = ({ stream, headers }) => {
    const socket = stream.session?.socket as TLSSocket | undefined;
    const subject = wantsClient ? String(socket?.getPeerCertificate().subject.CN) : 'nobody';
    respond(stream, { 'grpc-status': '0' });
    stream.end(envelope({ name: `${subject} ${headers[':authority']}` }));
  };
  return peer;
}
