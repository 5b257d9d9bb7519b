/**
 * One port for all protocols: accepts connections within its bounds, lets the first bytes decide what each speaks, and keeps them until
 * the end.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createHttp1Connection } from '../http1/server.ts';
import { refuseConnection } from '../http1/refuse.ts';
import { GatewayError } from '../call/error.ts';
import type {
  ConnectionHost,
  ConnectionLimits,
  LimitName,
  PlainAnswer,
  ServerConnection,
} from '../call/server.ts';
import type { Exchange } from '../call/types.ts';
import type { TimerWheel } from '../lib/timer-wheel.ts';
import { AddressCounts } from './addresses.ts';
import { Opening } from './opening.ts';
import { createTls, type ListenerTls } from './tls.ts';

export interface ListenerLimits extends ConnectionLimits {
  /** At a time. A few more wait unread, the rest is closed. */
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

export interface ListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Its clock is that of every connection. */
  readonly wheel: TimerWheel;
  readonly limits: ListenerLimits;
  /** Null is plain HTTP. */
  readonly tls: ListenerTls | null;
  /** Takes every request that could be parsed. */
  readonly serve: (exchange: Exchange) => void;
  /** Answers one that could not. */
  readonly refuse: (error: GatewayError) => PlainAnswer;
  readonly onLimit: (name: LimitName) => void;
}

export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Stops accepting; idle connections close at once, busy ones after the answer they are at. Resolves when all are gone. */
  drain(): Promise<void>;
  /** Cuts what is left. */
  cut(): void;
}

/** How many connections above the bound wait, accepted and unread, for one to close. */
const MAX_WAITING = 512;

/** Starts listening; rejects with a plain Error that names the address when the port is taken. */
export async function listen(options: ListenerOptions): Promise<Listener> {
  const port = new Port(options);
  await bind(port.server, options);
  const bound = port.server.address() as AddressInfo;
  return {
    host: bound.address,
    port: bound.port,
    drain: () => port.drain(),
    cut: () => port.cut(),
  };
}

class Port {
  readonly server: Server;
  readonly #options: ListenerOptions;
  readonly #plain: ConnectionHost;
  readonly #secure: ConnectionHost;
  readonly #tls: ReturnType<typeof createTls> | null;
  /** By socket of the network, whatever speaks on it. */
  readonly #connections = new Map<Socket, ServerConnection>();
  readonly #waiting = new Set<Socket>();
  readonly #addresses = new AddressCounts();
  #draining = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#plain = hostOf(options, 'http');
    this.#secure = hostOf(options, 'https');
    this.#tls = options.tls === null ? null : createTls(options.tls);
    this.server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.server.on('connection', (socket) => this.#accept(socket));
  }

  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#draining = true;
      this.server.close(() => resolve());
      for (const socket of this.#waiting) socket.destroy();
      for (const connection of this.#connections.values()) connection.drain();
    });
  }

  cut(): void {
    for (const socket of this.#waiting) socket.destroy();
    for (const connection of this.#connections.values()) connection.cut();
  }

  #accept(socket: Socket): void {
    const { limits, onLimit } = this.#options;
    const address = socket.remoteAddress;
    // One that has gone before it was accepted has no address, and one that nobody listens to would end the process by its error.
    socket.on('error', ignore);
    if (address === undefined || this.#draining) {
      socket.destroy();
      return;
    }
    if (this.#addresses.add(address) > limits.connectionsPerAddress) {
      onLimit('connections_per_address');
      this.#addresses.remove(address);
      socket.destroy();
      return;
    }
    socket.on('close', () => {
      this.#addresses.remove(address);
      this.#waiting.delete(socket);
      if (this.#connections.delete(socket)) this.#admitNext();
    });
    if (this.#connections.size < limits.connections) {
      this.#open(socket);
      return;
    }
    onLimit('connections');
    if (this.#waiting.size < MAX_WAITING) this.#waiting.add(socket);
    else socket.destroy();
  }

  #admitNext(): void {
    const [socket] = this.#waiting;
    if (socket === undefined || this.#draining) return;
    this.#waiting.delete(socket);
    this.#open(socket);
  }

  #open(socket: Socket): void {
    const opening = new Opening(socket, this.#plain, this.#tls !== null);
    this.#connections.set(socket, opening);
    opening.onFirst = (protocol, first) => {
      if (protocol === 'tls') this.#secured(socket, opening, first);
      else if (this.#options.tls?.plain === false) this.#refusePlain(socket, first);
      else this.#connections.set(socket, createHttp1Connection(socket, this.#plain, first));
    };
    opening.start();
  }

  #secured(socket: Socket, opening: Opening, first: Buffer): void {
    this.#tls?.open(socket, first, (secure: TLSSocket) => {
      opening.close();
      this.#connections.set(socket, createHttp1Connection(secure, this.#secure, null));
      // Between the end of the handshake and now its drain could only be that of an opening.
      if (this.#draining) this.#connections.get(socket)?.drain();
    });
  }

  /** A port with TLS alone answers so that the user of a plain client sees what is wrong. */
  #refusePlain(socket: Socket, first: Buffer): void {
    const error = new GatewayError('PG_BAD_REQUEST', 'this port speaks TLS: use https');
    this.#connections.set(socket, refuseConnection(socket, this.#plain, first, error));
  }
}

function hostOf(options: ListenerOptions, scheme: 'http' | 'https'): ConnectionHost {
  const { wheel, limits, serve, refuse, onLimit } = options;
  return { scheme, wheel, limits, serve, refuse, onLimit };
}

function ignore(): void {}

function bind(server: Server, { host, port }: ListenerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${port} on ${host} is taken by another process`
            : `cannot listen on ${host}:${port}: ${error.message}`,
          { cause: error },
        ),
      );
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}
