/** Calls of our gRPC outbound over its real transport, as the gateway makes them. */
import { Attempt } from '../../src/call/attempt.ts';
import { PushBody, SingleBody } from '../../src/call/body.ts';
import type { Call } from '../../src/call/call.ts';
import { GatewayError } from '../../src/call/error.ts';
import { Metadata } from '../../src/call/metadata.ts';
import { type Status, statusOf } from '../../src/call/status.ts';
import type { Body, CallKind, Outbound, Reply, Routed } from '../../src/call/types.ts';
import { type CodingName, compressionOf } from '../../src/compression/content-coding.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemRandom } from '../../src/lib/random.ts';
import { TimerWheel } from '../../src/lib/timer-wheel.ts';
import { createGrpcOutbound } from '../../src/protocols/grpc/outbound.ts';
import { createHttp2Transport } from '../../src/upstream/http2-transport.ts';
import { connectionSettings } from '../../test/support/connections.ts';
import { fakeCall, fakeRoute } from '../../test/support/fake-call.ts';
import type { Codec } from './messages.ts';

export interface Method<Request, Response> {
  readonly path: string;
  readonly kind: CallKind;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

export interface CallerOptions {
  readonly port: number;
  /** The authority that has signed the certificate; undefined is plaintext. */
  readonly ca: Buffer | undefined;
  readonly compression?: CodingName;
}

export class Caller {
  readonly #endpoint: { readonly address: string };
  readonly #outbound: Outbound;
  readonly #wheel = new TimerWheel(systemClock);

  constructor({ port, ca, compression }: CallerOptions) {
    this.#endpoint = { address: `127.0.0.1:${port}` };
    const transport = createHttp2Transport({
      endpoints: [this.#endpoint],
      tls: ca === undefined ? undefined : { ca },
      clock: systemClock,
      random: systemRandom,
      connections: connectionSettings(),
    });
    this.#outbound = createGrpcOutbound({
      transport,
      maxMessageBytes: 4 << 20,
      compression: compressionOf(compression ?? 'identity') ?? null,
    });
  }

  /** One call with `body`, which its owner feeds; bounded by 10 s, as none of the cases should take. */
  start<Request, Response>(
    method: Method<Request, Response>,
    body: Body,
    { metadata = new Metadata(), timeoutMs = 10_000 }: StartOptions = {},
  ): Running<Response> {
    const call = fakeCall({ body, metadata, wheel: this.#wheel });
    call.route = fakeRoute({ rpc: method.path, kind: method.kind });
    call.shorten(call.startMs + timeoutMs);
    const reply = this.#outbound.send(new Attempt(call as Routed, this.#endpoint, 1));
    return new Running(call, reply, method.response);
  }

  /** A call with all of its messages at once, read to its end. */
  async run<Request, Response>(
    method: Method<Request, Response>,
    requests: readonly Request[],
    options: StartOptions = {},
  ): Promise<Answer<Response>> {
    const [only] = requests;
    const single = method.kind === 'unary' || method.kind === 'server_stream';
    const bytes = requests.map((request) => method.request.encode(request));
    if (single && only !== undefined) {
      const body = new SingleBody({ codec: 'proto', bytes: method.request.encode(only) });
      return this.start(method, body, options).finish();
    }
    return this.start(method, bodyOf(bytes), options).finish();
  }

  close(): void {
    this.#outbound.close();
  }
}

export interface StartOptions {
  readonly metadata?: Metadata;
  readonly timeoutMs?: number;
}

export interface Answer<Response> {
  readonly messages: readonly Response[];
  readonly status: Status;
  readonly head: Metadata | null;
}

export class Running<Response> {
  readonly call: Call;
  readonly reply: Promise<Reply>;
  readonly #codec: Codec<Response>;

  constructor(call: Call, reply: Promise<Reply>, codec: Codec<Response>) {
    this.call = call;
    this.reply = reply;
    this.#codec = codec;
    // Looked at later.
    reply.catch(() => {});
  }

  cancel(): void {
    this.call.cancel(new GatewayError('PG_CLIENT_GONE', 'the client has left'));
  }

  /** The next message; undefined behind the last one. */
  async next(): Promise<Response | undefined> {
    const message = await (await this.reply).body.next();
    return message === undefined ? undefined : this.#codec.decode(message.bytes);
  }

  /** Reads to the end. An end without an answer is the status that a client would see. */
  async finish(): Promise<Answer<Response>> {
    const messages: Response[] = [];
    try {
      for (let next = await this.next(); next !== undefined; next = await this.next()) {
        messages.push(next);
      }
      const { end, metadata } = await this.reply;
      return { messages, status: await end, head: metadata };
    } catch (error) {
      return { messages, status: statusOf(GatewayError.from(error)), head: null };
    } finally {
      this.call.finish({ code: 'OK', httpStatus: 200, error: null });
    }
  }
}

/** A sequence that is there, and ends. */
function bodyOf(messages: readonly Uint8Array[]): PushBody {
  const body = openBody();
  for (const bytes of messages) body.push({ codec: 'proto', bytes });
  body.end();
  return body;
}

/** A sequence that its owner pushes. */
export function openBody(): PushBody {
  return new PushBody({ pull: () => {}, cancel: () => {} });
}
