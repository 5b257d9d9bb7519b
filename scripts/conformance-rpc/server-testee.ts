/** The server under test: a gateway in front of the reference service whose port it is told. Started by the runner, once for each kind of connection. */
import { startGateway } from './gateway.ts';
import { delimited, loadMessages, readDelimited, type ServerRequest } from './messages.ts';

const [protos = '', upstreamPort = ''] = process.argv.slice(2);
const messages = loadMessages(protos);
const request = messages.request.decode(await readDelimited(process.stdin));
const listenTls = tlsOf(request);
const port = await startGateway({
  protos,
  upstreamPort: Number(upstreamPort),
  maxRequestBytes: request.messageReceiveLimit,
  ...(listenTls !== null && { listenTls }),
});
const pemCert = listenTls?.cert ?? new Uint8Array();
const response = { host: '127.0.0.1', port, pemCert };
process.stdout.write(delimited(messages.response.encode(response)));

function tlsOf({ useTls, serverCreds, clientTlsCert }: ServerRequest): {
  cert: Uint8Array;
  key: Uint8Array;
  clientCa?: Uint8Array;
} | null {
  if (!useTls) return null;
  if (serverCreds === null) throw new Error('the runner asks for TLS and gives no certificate');
  const { cert, key } = serverCreds;
  return { cert, key, ...(clientTlsCert.length > 0 && { clientCa: clientTlsCert }) };
}
