/** TLS of the listener: certificates by the name that the client asks for, ALPN, client certificates, session tickets. */
import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type SecureContext, type TLSSocket } from 'node:tls';

export interface CertificateFiles {
  /** PEM, the chain behind the certificate. */
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface ListenerTls {
  /** The first one is that of clients that ask for no name, or for one that no other has. */
  readonly certificates: readonly CertificateFiles[];
  /** Null asks clients for no certificate; else one of these authorities must have signed it. */
  readonly clientCa: Buffer | null;
  /** Whether plain HTTP is spoken beside it. */
  readonly plain: boolean;
}

export interface TlsPort {
  /** Begins the handshake behind `first`. The socket is destroyed where it fails. */
  open(socket: Socket, first: Buffer, onSecure: (secure: TLSSocket) => void): void;
}

export function createTls({ certificates, clientCa }: ListenerTls): TlsPort {
  const named = certificates.map((files) => ({
    certificate: new X509Certificate(files.cert),
    context: createSecureContext({ ...files, ...(clientCa !== null && { ca: clientCa }) }),
  }));
  const [first] = certificates;
  const handshakes = new Map<string, (secure: TLSSocket) => void>();
  const server = createServer({
    ...first,
    ...(clientCa !== null && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
    ALPNProtocols: ['http/1.1'],
    // RFC 9325 section 3.1.1
    minVersion: 'TLSv1.2',
    // The opening of a connection has its own bound.
    handshakeTimeout: 0x7fff_ffff,
    allowHalfOpen: true,
    noDelay: true,
    SNICallback: (name, done) => done(null, contextFor(named, name)),
  });
  server.on('secureConnection', (secure) => {
    const key = keyOf(secure);
    const onSecure = handshakes.get(key);
    handshakes.delete(key);
    onSecure?.(secure);
  });
  // What a client does wrong in its handshake ends its connection; there is nobody to be told.
  server.on('tlsClientError', (_error, secure) => secure.destroy());
  return {
    open(socket, bytes, onSecure) {
      const key = keyOf(socket);
      handshakes.set(key, onSecure);
      socket.on('close', () => handshakes.delete(key));
      socket.pause();
      socket.unshift(bytes);
      server.emit('connection', socket);
    },
  };
}

/** One that names the host, as clients will check it (RFC 9525 section 6); else the first. */
function contextFor(
  named: readonly { readonly certificate: X509Certificate; readonly context: SecureContext }[],
  name: string,
): SecureContext | undefined {
  const found = named.find(({ certificate }) => certificate.checkHost(name) !== undefined);
  return (found ?? named[0])?.context;
}

/** The two ends of a connection: what the two sockets of one have in common. */
function keyOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`;
}
