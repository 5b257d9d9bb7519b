/** A connection that gets one refusal, whatever it says. */
import type { Socket } from 'node:net';
import type { GatewayError } from '../call/error.ts';
import type { ConnectionHost, ServerConnection } from '../call/server.ts';
import { createHttp1Connection } from './server.ts';

/** Answers the first request that can be read, or what is wrong with it, with `error`, and closes. */
export function refuseConnection(
  socket: Socket,
  host: ConnectionHost,
  first: Buffer,
  error: GatewayError,
): ServerConnection {
  const refusing: ConnectionHost = {
    ...host,
    serve(exchange) {
      const { status, headers, body } = host.refuse(error);
      exchange.answer(status, [...headers, 'connection', 'close'], body);
    },
  };
  return createHttp1Connection(socket, refusing, first);
}
