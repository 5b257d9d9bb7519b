/** What is counted of one HTTP endpoint. HTTP/1.1 has no PING, and a service that resets a call does so with its connection. */
import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { EndpointNumbers } from '../telemetry/endpoint-numbers.ts';
import type { UndiciRequest } from './undici-request.ts';

export class HttpNumbers implements EndpointNumbers {
  connectionsMade = 0;
  connectionsFailed = 0;
  /** Requests that are under way on a connection. */
  streams = 0;
  streamsOpened = 0;
  refused = 0;
  lost = 0;
  violations = 0;
  readonly resets: number = 0;
  readonly pings: number = 0;
  /** For as long as the library holds them. */
  readonly requests: Set<UndiciRequest> = new Set();
  readonly #sockets = new Set<Socket>();
  #pastReceived = 0;
  #pastSent = 0;

  get connections(): number {
    return this.#sockets.size;
  }

  get queued(): number {
    return this.requests.size - this.streams;
  }

  get bytesReceived(): number {
    let bytes = this.#pastReceived;
    for (const { bytesRead } of this.#sockets) bytes += bytesRead;
    return bytes;
  }

  get bytesSent(): number {
    let bytes = this.#pastSent;
    for (const { bytesWritten } of this.#sockets) bytes += bytesWritten;
    return bytes;
  }

  /** The same connector, counted. */
  counted(connect: buildConnector.connector): buildConnector.connector {
    return (options, callback) =>
      connect(options, (...result) => {
        const [error, socket] = result;
        // Behind an error the library leaves the socket out, whatever its types say.
        if (error === null) this.#made(socket);
        else this.connectionsFailed++;
        callback(...result);
      });
  }

  #made(socket: Socket): void {
    this.connectionsMade++;
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#pastReceived += socket.bytesRead;
      this.#pastSent += socket.bytesWritten;
    });
  }
}
