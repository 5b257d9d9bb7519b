/** The request side of one gRPC call: finds the method, and reads the body when somebody asks for it. */
import type { Call, Router } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import { parseGrpcTimeout } from '../../call/grpc-timeout.ts';
import type { Message } from '../../call/message.ts';
import type { Body, Exchange, Route, Source } from '../../call/types.ts';
import { type Compression, compressionOf } from '../../compression/compression.ts';
import { framedBody } from '../../framing/framed-body.ts';
import type { RpcTable } from '../../routing/rpc-table.ts';
import { checkContentType } from './content-type.ts';
import { type EnvelopeRules, openEnvelope } from './envelope.ts';
import { createEnvelopes } from './envelope-decoder.ts';
import { OF_CLIENT } from './faults.ts';
import { ScannedSource } from './scanned-source.ts';
import { collectEnvelope } from './single-request.ts';
import type { GrpcTarget } from './target.ts';

export class GrpcRequest implements Router, Body {
  readonly #exchange: Exchange;
  readonly #table: RpcTable<GrpcTarget>;
  #rules: EnvelopeRules = { faults: OF_CLIENT, maxBytes: 0, compression: null };
  #single = true;
  /** The one message, read once and kept for who asks again. */
  #whole: Promise<Uint8Array> | null = null;
  #taken = false;
  #frames: Body | null = null;

  constructor(exchange: Exchange, table: RpcTable<GrpcTarget>) {
    this.#exchange = exchange;
    this.#table = table;
  }

  get single(): boolean {
    return this.#single;
  }

  get encoding(): string | undefined {
    return this.#rules.compression?.name;
  }

  route(call: Call): Route {
    const { head } = this.#exchange;
    if (head.verb !== 'POST') {
      throw new GatewayError('PG_METHOD_NOT_ALLOWED', 'gRPC calls are made by POST', {
        allow: ['POST'],
      });
    }
    checkContentType(head);
    const target = this.#table.match(head.path);
    if (target === undefined) {
      throw new GatewayError('PG_METHOD_NOT_FOUND', `no method ${head.path.slice(0, 200)}`);
    }
    const timeout = head.header('grpc-timeout');
    if (timeout !== undefined) call.shorten(call.startMs + parseGrpcTimeout(timeout));
    const { kind } = target.route;
    this.#single = kind === 'unary' || kind === 'server_stream';
    this.#rules = {
      faults: OF_CLIENT,
      maxBytes: this.#single ? target.maxBodyBytes : target.maxMessageBytes,
      compression: compressionFrom(head.header('grpc-encoding')),
    };
    return target.route;
  }

  next(): Message | undefined | Promise<Message | undefined> {
    if (!this.#single) return this.#nextOf();
    if (this.#taken) return undefined;
    this.#taken = true;
    return this.whole().then((envelope) => openEnvelope(envelope, this.#rules));
  }

  whole(): Promise<Uint8Array> {
    this.#whole ??= collectEnvelope(this.#exchange.body, this.#rules);
    return this.#whole;
  }

  raw(): Source {
    return new ScannedSource(this.#exchange.body, this.#rules);
  }

  cancel(reason: GatewayError): void {
    if (this.#frames !== null) this.#frames.cancel(reason);
    else this.#exchange.body.cancel(reason);
  }

  async #nextOf(): Promise<Message | undefined> {
    this.#frames ??= framedBody(this.#exchange.body, createEnvelopes(this.#rules), {
      codec: 'proto',
      maxBytes: Infinity,
    });
    const frame = await this.#frames.next();
    return frame === undefined ? undefined : openEnvelope(frame.bytes, this.#rules);
  }
}

/** compression.md: what is not understood is UNIMPLEMENTED, and the client is told what is. */
function compressionFrom(encoding: string | undefined): Compression | null {
  if (encoding === undefined || encoding === 'identity') return null;
  const compression = compressionOf(encoding);
  if (compression !== undefined) return compression;
  throw new GatewayError(
    'PG_UNKNOWN_COMPRESSION',
    `grpc-encoding is ${JSON.stringify(encoding.slice(0, 80))}, which is not understood here`,
  );
}
