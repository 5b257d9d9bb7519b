/** TLS to the services of one upstream. */
import { createSecureContext } from 'node:tls';
import type { ClientTls } from '../http2/client.ts';

/** PEM bytes; an empty object is TLS with the roots of the system. */
export interface UpstreamTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name that the certificate must carry and SNI says; default: the host of the endpoint. It is the authority of calls as well. */
  readonly serverName?: string;
}

/** For connections of HTTP/2. */
export function clientTls({ ca, cert, key, serverName }: UpstreamTls): ClientTls {
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  });
  return { context, serverName, session: undefined };
}
