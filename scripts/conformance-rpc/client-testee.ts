/**
 * The client under test is our gRPC outbound: the reference client, whose calls are led to a gateway before the service that they are for.
 * So what the strict reference service sees and answers is what the gateway has sent and must understand.
 */
import { spawn } from 'node:child_process';
import { startGateway } from './gateway.ts';
import { type ClientRequest, delimited, loadMessages, readAllDelimited } from './messages.ts';

const [protos = '', referenceClient = ''] = process.argv.slice(2);
const { clientRequest } = loadMessages(protos);
/** By the port of the service. */
const gateways = new Map<number, Promise<number>>();

const client = spawn(referenceClient, [], { stdio: ['pipe', 'inherit', 'inherit'] });
client.on('exit', (code) => process.exit(code ?? 1));
for await (const bytes of readAllDelimited(process.stdin)) {
  const request = clientRequest.decode(bytes);
  let gateway = gateways.get(request.port);
  if (gateway === undefined) {
    gateway = gatewayTo(request);
    gateways.set(request.port, gateway);
  }
  request.host = '127.0.0.1';
  request.port = await gateway;
  // TLS is between the gateway and the service.
  request.serverTlsCert = new Uint8Array();
  request.clientTlsCreds = null;
  client.stdin.write(delimited(clientRequest.encode(request)));
}
client.stdin.end();

function gatewayTo(request: ClientRequest): Promise<number> {
  const { port, serverTlsCert, clientTlsCreds, messageReceiveLimit } = request;
  return startGateway({
    protos,
    upstreamPort: port,
    maxAnswerBytes: messageReceiveLimit,
    ...(serverTlsCert.length > 0 && {
      upstreamTls: {
        ca: serverTlsCert,
        ...(clientTlsCreds !== null && { cert: clientTlsCreds.cert, key: clientTlsCreds.key }),
      },
    }),
  });
}
