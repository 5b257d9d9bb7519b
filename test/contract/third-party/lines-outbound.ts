/** The outbound of the toy protocol: one connection for each attempt, lines both ways. */
import { connect, type Socket } from 'node:net';
import type { Attempt } from '../../../src/call/attempt.ts';
import { GatewayError } from '../../../src/call/error.ts';
import type { Endpoint, Outbound, Reply } from '../../../src/call/types.ts';
import { LinesReply } from './lines-reply.ts';
import { fieldsOf, lineOf, messageLine } from './lines.ts';

export function createLinesOutbound(
  endpoint: Endpoint,
  { maxMessageBytes }: { readonly maxMessageBytes: number },
): Outbound {
  const open = new Set<LinesReply>();
  let closed: GatewayError | null = null;
  return {
    async send(attempt) {
      if (closed !== null) throw closed;
      const sending = new Sending(attempt, endpoint, maxMessageBytes);
      open.add(sending.reply);
      void sending.reply.over.then(() => open.delete(sending.reply));
      return sending.start();
    },
    close() {
      closed = new GatewayError('PG_DRAIN', 'the gateway has closed its connections');
      for (const reply of open) reply.break(closed);
    },
  };
}

class Sending {
  readonly reply: LinesReply;
  readonly #attempt: Attempt;
  readonly #endpoint: Endpoint;
  #socket: Socket | null = null;
  /** The request body is read to its end, or nobody reads it any more. */
  #uploaded = false;

  constructor(attempt: Attempt, endpoint: Endpoint, maxBytes: number) {
    this.#attempt = attempt;
    this.#endpoint = endpoint;
    this.reply = new LinesReply(attempt.call.route.kind, maxBytes);
    void this.reply.over.then((reason) => this.#close(reason));
  }

  start(): Promise<Reply> {
    this.#attempt.onCancel = (reason) => this.reply.break(reason);
    void this.#send().catch((error: unknown) => this.reply.break(GatewayError.from(error)));
    return this.reply.reply;
  }

  async #send(): Promise<void> {
    const { call } = this.#attempt;
    const { body } = call;
    // Nothing is sent before the first message is there: one that cannot be read is no call for the service.
    let next = this.reply.broken ? undefined : await body.next();
    if (this.reply.broken) return;
    if (next === undefined && body.single) {
      throw new GatewayError('PG_MESSAGE_COUNT', 'the method takes one message');
    }
    const socket = this.#connect();
    socket.write(
      lineOf({
        call: call.route.rpc,
        metadata: fieldsOf(call.metadata),
        timeoutMs: this.#attempt.deadlineMs === Infinity ? null : this.#timeoutMs(),
      }),
    );
    while (next !== undefined) {
      if (!socket.write(messageLine(next.bytes))) await drained(socket);
      if (this.reply.broken) return;
      next = await body.next();
    }
    this.#uploaded = true;
    socket.write(lineOf({ done: true }));
  }

  #timeoutMs(): number {
    return Math.max(0, this.#attempt.deadlineMs - this.#attempt.call.wheel.clock.nowMs());
  }

  #connect(): Socket {
    const [host = '', port = ''] = this.#endpoint.address.split(':');
    const socket = connect({ host, port: Number(port) });
    this.#socket = socket;
    let connected = false;
    socket.on('connect', () => (connected = true));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.reply.breakBehind(
        connected
          ? new GatewayError('PG_UPSTREAM_RESET', 'the connection broke', {
              reached: this.reply.headed ? 'yes' : 'maybe',
            })
          : new GatewayError('PG_UPSTREAM_UNAVAILABLE', 'nobody listens', {
              reached: 'no',
              retryAfterMs: 1_000,
            }),
      );
    });
    this.reply.readFrom(socket);
    return socket;
  }

  /** The answer is complete, or it never will be. */
  #close(reason: GatewayError | null): void {
    if (!this.#uploaded) {
      const enough = new GatewayError('PG_CLIENT_GONE', 'the service has answered');
      this.#attempt.call.body.cancel(reason ?? enough);
    }
    this.#uploaded = true;
    this.#socket?.destroy();
  }
}

/** Also where the connection is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
}
