/** The server under test: a gateway in front of the reference service whose port it is told. Started by the runner, once for each kind of connection. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGateway } from 'polygate';
import { memoryLog } from '../../test/support/memory-log.ts';
import { delimited, loadMessages, readDelimited, type ServerRequest } from './messages.ts';

const [protos = '', upstreamPort = ''] = process.argv.slice(2);
const messages = loadMessages(protos);
const request = messages.request.decode(await readDelimited(process.stdin));
const folder = mkdtempSync(join(tmpdir(), 'polygate-conformance-'));
try {
  const gateway = await createGateway(
    {
      admin: false,
      listen: { port: 0, ...(request.useTls && { tls: tlsOf(request) }) },
      // The suite asks whether a service hears of a deadline that no client has set.
      timeout: false,
      upstreams: {
        reference: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${upstreamPort}`],
          schema: { protos: ['connectrpc/conformance/v1/service.proto'], importPaths: ['.'] },
        },
      },
      routes: [
        {
          services: ['connectrpc.conformance.v1.ConformanceService'],
          upstream: 'reference',
          // Only of requests: at the upstream it would be that of answers.
          limits: { message: request.messageReceiveLimit, body: request.messageReceiveLimit },
        },
      ],
    },
    { baseDir: protos, log: memoryLog() },
  );
  const pemCert = request.serverCreds?.cert ?? new Uint8Array();
  const response = { host: '127.0.0.1', port: gateway.port, pemCert };
  process.stdout.write(delimited(messages.response.encode(response)));
} finally {
  rmSync(folder, { recursive: true });
}

function tlsOf({ serverCreds, clientTlsCert }: ServerRequest): Record<'cert' | 'key', string> {
  if (serverCreds === null) throw new Error('the runner asks for TLS and gives no certificate');
  return {
    cert: fileOf('cert.pem', serverCreds.cert),
    key: fileOf('key.pem', serverCreds.key),
    ...(clientTlsCert.length > 0 && { clientCa: fileOf('client-ca.pem', clientTlsCert) }),
  };
}

function fileOf(name: string, pem: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, pem, { mode: 0o600 });
  return path;
}
