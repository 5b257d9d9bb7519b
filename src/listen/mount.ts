/** A gateway in a server that somebody else listens with: node:http, node:http2 by its compatibility API, or fastify on top of either. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Exchange } from '../call/types.ts';
import { readRequest } from '../http2/request-fields.ts';
import type { Clock } from '../lib/clock.ts';
import { MountedConnection } from './mounted-connection.ts';
import { NodeExchange, type NodePair, type NodeRequest } from './node-exchange.ts';

export type NodeHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

export interface Mount {
  /** For the event `request`. */
  readonly request: NodeHandler;
  /** For the event `checkContinue`, so that a body is asked for when somebody reads it, and not before. */
  readonly checkContinue: NodeHandler;
  /** For the event `clientError`: the answer to a request whose body breaks off still goes out. All others get what Node gives them. */
  readonly clientError: (error: Error, socket: Duplex) => void;
}

export interface MountOptions {
  readonly clock: Clock;
  readonly serve: (exchange: Exchange) => void;
}

/** RFC 9113 section 8.1.1: how a malformed request ends. */
const PROTOCOL_ERROR = 1;
const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n';

export function createMount({ clock, serve }: MountOptions): Mount {
  const connections = new WeakMap<Socket, MountedConnection>();
  const take = (pair: NodePair): void => {
    const exchange = new NodeExchange(pair, clock);
    const { request } = pair;
    if (request.httpVersionMajor === 2) {
      // Node takes some for good, as one whose Host is not its :authority.
      if ('malformed' in readRequest(request.rawHeaders)) request.stream.close(PROTOCOL_ERROR);
      else serve(exchange);
      return;
    }
    let connection = connections.get(request.socket);
    if (connection === undefined) {
      connection = new MountedConnection(request.socket, serve);
      connections.set(request.socket, connection);
    }
    connection.take(exchange);
  };
  return {
    request: (request, response) =>
      take({ request: request as NodeRequest, response, asks: false }),
    checkContinue: (request, response) =>
      take({ request: request as NodeRequest, response, asks: true }),
    clientError(_error, socket) {
      const exchange = connections.get(socket as Socket)?.latest;
      if (exchange?.busy === true) exchange.broken();
      else if (socket.writable) socket.end(BAD_REQUEST);
      else socket.destroy();
    },
  };
}
