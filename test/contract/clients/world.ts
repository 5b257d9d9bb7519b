/** A client, the gateway, and the service behind it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { makeCertificates } from '../../support/certificates.ts';
import { type FaultGateway, startFaultGateway } from '../../support/fault-gateway.ts';
import { type Script, service } from './service.ts';
import type { RpcClient, Subject } from './types.ts';

export interface World extends FaultGateway {
  readonly subject: Subject;
  readonly client: RpcClient;
  /** What the service does where the test says nothing else. */
  readonly serve: Script;
  /** How many calls the gateway has refused by itself. */
  refused: number;
}

/** Of one message, in both directions. More would take brotli seconds. */
export const MAX_BYTES = 1 << 18;

/** A certificate for one run of a test file, and the authority that every client of this process trusts from now on. */
export interface Security {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
  readonly caFile: string;
}

export function makeSecurity(): Security {
  const folder = mkdtempSync(join(tmpdir(), 'polygate-clients-'));
  const { ca, loopback } = makeCertificates();
  after(() => rmSync(folder, { recursive: true }));
  const put = (name: string, bytes: Buffer): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const files = {
    cert: put('cert.pem', loopback.cert),
    key: put('key.pem', loopback.key),
    caFile: put('ca.pem', ca),
  };
  // fetch and XMLHttpRequest have no option for it.
  setDefaultCACertificates([...getCACertificates(), ca.toString()]);
  return { ...files, ca: ca.toString() };
}

export async function openWorld(
  t: TestContext,
  subject: Subject,
  { cert, key, ca }: Security,
): Promise<World> {
  const { tls } = subject;
  let client: RpcClient | null = null;
  // Before the gateway: some clients take a GOAWAY while they are closed for an error that nobody waits for.
  t.after(() => client?.close?.());
  const harness = await startFaultGateway(t, {
    log: { access: true },
    limits: { body: MAX_BYTES, message: MAX_BYTES },
    ...(tls && { listen: { tls: { cert, key } } }),
  });
  const serve = service(subject.compression !== undefined);
  client = subject.open({ port: harness.gateway.port, tls, ca });
  return { ...harness, subject, client, serve, refused: 0 };
}

/** Every call that the service got is one that this client has made in the protocol of its name, and has ended. */
export async function assertOver({
  subject,
  client,
  gateway,
  peer,
  log,
  refused,
}: World): Promise<void> {
  await peer.idle();
  client.close?.();
  await gateway.close();
  const lines = log.lines.filter(({ message }) => message === 'call');
  assert.equal(lines.length, peer.calls + refused);
  for (const { fields } of lines) {
    const { protocol, verb, path } = fields;
    const isGet = subject.get === true && path === '/fault.v1.Fault/Get';
    assert.deepEqual([protocol, verb], [subject.protocol, isGet ? 'GET' : 'POST']);
  }
}
