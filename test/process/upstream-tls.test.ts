/** TLS to the service from a configuration on: reflection and calls over it, and what is wrong with its files. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { ServerCredentials } from '@grpc/grpc-js';
import { createGateway, type Gateway, type UpstreamConfig } from 'polygate';
import { type Bookstore, startBookstore } from '../../examples/bookstore/server.ts';
import { makeCertificates } from '../support/certificates.ts';
import { start } from '../support/command.ts';
import { memoryLog } from '../support/memory-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'polygate-upstream-tls-'));
/** Wants a certificate of the gateway, and has the name service.test alone. */
let mutual: Bookstore;
/** Has the address 127.0.0.1. */
let loopback: Bookstore;

before(async () => {
  const { ca, otherCa, server, loopback: local, client } = makeCertificates();
  const files = { ca, other: otherCa, cert: client.cert, key: client.key, wrong: server.key };
  for (const [name, pem] of Object.entries(files)) writeFileSync(join(folder, `${name}.pem`), pem);
  writeFileSync(join(folder, 'junk.pem'), 'no certificate');
  const pair = ({ cert, key }: typeof server): { cert_chain: Buffer; private_key: Buffer } => ({
    cert_chain: cert,
    private_key: key,
  });
  mutual = await startBookstore({
    credentials: ServerCredentials.createSsl(ca, [pair(server)], true),
  });
  loopback = await startBookstore({
    credentials: ServerCredentials.createSsl(null, [pair(local)]),
  });
});
after(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([mutual.close(), loopback.close()]);
});

async function serve(
  t: TestContext,
  tls: NonNullable<UpstreamConfig['tls']>,
  upstreams: Readonly<Record<string, UpstreamConfig>> = {},
): Promise<Gateway> {
  const secure: UpstreamConfig = {
    protocol: 'grpc',
    endpoints: [`127.0.0.1:${mutual.port}`],
    schema: { reflection: true },
    tls,
  };
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      upstreams: { secure, ...upstreams },
      routes: [{ services: ['bookstore.v1.Bookstore'], upstream: 'secure' }],
    },
    { baseDir: folder, log: memoryLog() },
  );
  t.after(() => gateway.close(true));
  return gateway;
}

test('reflection and calls by the files of the configuration', async (t) => {
  const tls = { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem', serverName: 'service.test' };
  const gateway = await serve(t, tls);
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/v1/shelves/1`);
  assert.equal(answer.status, 200);
  assert.equal(((await answer.json()) as { name: string }).name, 'shelves/1');
});

test('what is wrong with the files is told for all upstreams at once, and nothing starts', async (t) => {
  const other: UpstreamConfig = {
    protocol: 'grpc',
    endpoints: ['127.0.0.1:1'],
    schema: { protos: ['nowhere.proto'] },
  };
  const tls = { ca: 'junk.pem', cert: 'nowhere.pem', key: 'cert.pem' };
  await assert.rejects(serve(t, tls, { other }), (error: Error) => {
    assert.equal(error.name, 'SchemaError');
    const lines = error.message.replaceAll(`${folder}/`, '').split('\n');
    assert.deepEqual(
      lines.slice(0, 3).map((line) => line.replace(/, open .*/, '')),
      [
        'junk.pem: upstreams.secure.tls.ca: expected a certificate in PEM, found none',
        'nowhere.pem: upstreams.secure.tls.cert: ENOENT: no such file or directory',
        'cert.pem: upstreams.secure.tls.key: expected a private key in PEM without a password',
      ],
    );
    assert.match(lines[3] ?? '', /^nowhere\.proto/);
    return true;
  });
});

test('a key of another certificate is told', async (t) => {
  const tls = { ca: 'ca.pem', cert: 'cert.pem', key: 'wrong.pem' };
  await assert.rejects(serve(t, tls), {
    name: 'SchemaError',
    message: 'upstreams.secure.tls: the key is not that of the certificate',
  });
});

test('grpcs://HOST:PORT trusts the authorities of Node and no proxy of the environment', {
  timeout: 20_000,
}, async (t) => {
  const nowhere = 'http://127.0.0.1:1';
  const env = {
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    // grpc-js prefers it to what Node trusts.
    GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '',
    https_proxy: nowhere,
    http_proxy: nowhere,
    grpc_proxy: nowhere,
    no_proxy: '',
    no_grpc_proxy: '',
  };
  const address = `grpcs://127.0.0.1:${loopback.port}`;
  const running = start(t, [address, '--port', '0', '--admin-port', '0'], { cwd: folder, env });
  const [, origin = ''] = await running.errHas(/^polygate listens on (http:\S+?),? /m);
  assert.equal((await fetch(`${origin}/v1/shelves/1`)).status, 200);
});

test('an authority that nobody trusts is waited for like a server that is down, and the reason is told', {
  timeout: 20_000,
}, async (t) => {
  const address = `grpcs://127.0.0.1:${loopback.port}`;
  const running = start(t, [address, '--port', '0', '--admin-port', '0'], { cwd: folder });
  await running.errHas(/^waiting for .*\(.*certificate.*\)/m);
});
