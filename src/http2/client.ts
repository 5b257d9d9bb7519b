/** The client's side: a socket to an address, TLS with ALPN where asked for, and the preface (RFC 9113 sections 3.2 to 3.4). */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext, type TLSSocket } from 'node:tls';
import { GatewayError } from '../call/error.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { Connection } from './connection.ts';
import { PREFACE } from './frames.ts';
import { DEFAULT_TABLE_BYTES, type Grants, STREAM_WINDOW } from './limits.ts';
import { SettingId } from './settings.ts';
import type { ConnectionOwner, StreamAbort } from './owner.ts';
import { settingsOf, type Side } from './side.ts';

export interface ClientAddress {
  readonly host: string;
  readonly port: number;
  /** Null is plaintext, with prior knowledge. */
  readonly tls: ClientTls | null;
  /** Until the peer has said its SETTINGS. */
  readonly connectTimeoutMs: number;
}

export interface ClientTls {
  readonly context: SecureContext;
  /** The name that the certificate must carry and SNI says; default: the host. */
  readonly serverName: string | undefined;
  /** Of an earlier connection, so that this one needs no full handshake; written by each connection. */
  session: Buffer | undefined;
}

/** Whoever asked for the connection. */
export interface ClientOwner {
  /** Streams may be opened. */
  onReady(): void;
  onRoom(): void;
  /** No new streams; `goaway` is the code by which the peer said so, if it did. Called once. */
  onDraining(goaway: number | undefined): void;
  /** A stream was given up, and nothing at all has come since it was opened. */
  onUnanswered(): void;
  /** A stream ended before its time. */
  onAbort(how: StreamAbort['how']): void;
  /** Over, or never come to be; `reason` is undefined where it was meant to be. Called once. */
  onClosed(reason: Error | undefined): void;
}

const TCP_KEEP_ALIVE_MS = 30_000;

const GRANTS: Grants = {
  streamWindow: STREAM_WINDOW,
  // Two frames for so many megabytes.
  connectionWindow: 8_388_608,
  countsUnread: false,
  tableBytes: DEFAULT_TABLE_BYTES,
  listBytes: 65_536,
  listFields: Infinity,
  blockBytes: 262_144,
  streams: 0,
  controlFramesPerSecond: 1_000,
  smallWindowsPerSecond: Infinity,
  // A service may turn away as many calls as it likes.
  resetsPerSecond: Infinity,
};

const CLIENT_SIDE: Side = {
  preface: PREFACE,
  peerPreface: new Uint8Array(),
  parity: 1,
  peerMayAllowPush: false,
  settings: [SettingId.enablePush, 0, ...settingsOf(GRANTS)],
  grants: GRANTS,
  lingerMs: 0,
};

/** A connection on its way: it has room once the peer has said its SETTINGS, so that a peer that is none has not been called. */
export class ClientConnection implements ConnectionOwner {
  readonly side: Side = CLIENT_SIDE;
  readonly #owner: ClientOwner;
  readonly #label: string;
  readonly #socket: Socket;
  readonly #timer: Timer;
  #connection: Connection | null = null;
  #closed = false;

  constructor(address: ClientAddress, owner: ClientOwner, clock: Clock) {
    this.#owner = owner;
    this.#label = `${address.host}:${address.port}`;
    const { tls, connectTimeoutMs } = address;
    const socket = tls === null ? dialTcp(address) : dialTls(address, tls);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
    socket.once('error', this.#onEarlyError);
    socket.once(tls === null ? 'connect' : 'secureConnect', () => this.#onConnected(clock));
    this.#timer = clock.after(connectTimeoutMs, () =>
      this.abandon(new Error(`no answer within ${connectTimeoutMs} ms`)),
    );
  }

  /** Null until it is connected, and when it is over. */
  get connection(): Connection | null {
    return this.#connection;
  }

  get bytesReceived(): number {
    return this.#socket.bytesRead;
  }

  get bytesSent(): number {
    return this.#socket.bytesWritten;
  }

  /** Ends streams with `reason`, and the connection. */
  close(reason: GatewayError): void {
    if (this.#connection !== null) this.#connection.close(reason);
    else this.#socket.destroy();
    this.onClosed(undefined);
  }

  /** Gives the peer up: its streams are lost. */
  abandon(reason: Error): void {
    this.#socket.destroy(reason);
  }

  onReady(): void {
    this.#timer.cancel();
    this.#owner.onReady();
  }

  onRoom(): void {
    this.#owner.onRoom();
  }

  onDraining(goaway: number | undefined): void {
    this.#owner.onDraining(goaway);
  }

  onUnanswered(): void {
    this.#owner.onUnanswered();
  }

  onClosed(reason: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer.cancel();
    this.#connection = null;
    this.#owner.onClosed(reason);
  }

  errorOf({ how, reached, detail }: StreamAbort): GatewayError {
    this.#owner.onAbort(how);
    const options = { reached, cause: new Error(`${this.#label}: ${detail}`) };
    return how === 'violation'
      ? new GatewayError('PG_UPSTREAM_PROTOCOL', 'the service does not keep to HTTP/2', options)
      : new GatewayError('PG_UPSTREAM_RESET', 'the service broke off the call', options);
  }

  readonly #onEarlyError = (error: Error): void => {
    this.#socket.destroy();
    this.onClosed(error);
  };

  #onConnected(clock: Clock): void {
    if (this.#closed) return;
    const protocol = (this.#socket as Partial<TLSSocket>).alpnProtocol;
    if (protocol !== undefined && protocol !== 'h2') {
      this.#onEarlyError(new Error('the service does not offer HTTP/2 (ALPN)'));
      return;
    }
    this.#socket.off('error', this.#onEarlyError);
    this.#connection = new Connection(this.#socket, this, clock);
  }
}
function dialTcp({ host, port }: ClientAddress): Socket {
  return connectTcp({ host, port });
}

function dialTls({ host, port }: ClientAddress, tls: ClientTls): Socket {
  const { context, serverName, session } = tls;
  // An address is no name for SNI (RFC 6066 section 3); the certificate is checked against it all the same.
  const name = serverName ?? (isIP(host) === 0 ? host : undefined);
  const socket = connectTls({
    host,
    port,
    secureContext: context,
    ALPNProtocols: ['h2'],
    minVersion: 'TLSv1.2',
    ...(name !== undefined && { servername: name }),
    ...(session !== undefined && { session }),
  });
  socket.on('session', (next) => (tls.session = next));
  return socket;
}
