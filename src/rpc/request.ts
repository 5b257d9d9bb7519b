/** The request side of one call in envelopes: finds the method, and reads the body when somebody asks for it. */
import type { Call, Router } from '../call/call.ts';
import type { GatewayError } from '../call/error.ts';
import type { Message } from '../call/message.ts';
import type { Body, Exchange, Route, Source } from '../call/types.ts';
import { framedBody } from '../framing/framed-body.ts';
import type { RpcTable } from '../routing/rpc-table.ts';
import { Base64Source } from './base64-source.ts';
import { compressionFrom } from './compression-from.ts';
import type { RpcDialect, RpcWire } from './dialect.ts';
import { type EnvelopeRules, openEnvelope } from './envelope.ts';
import { createEnvelopes } from './envelope-decoder.ts';
import { OF_CLIENT } from './faults.ts';
import { checkPost, findTarget, unsupportedType } from './find-target.ts';
import { ScannedSource } from './scanned-source.ts';
import { collectEnvelope } from './single-request.ts';
import type { RpcTarget } from './target.ts';
import { UploadGate } from './upload-gate.ts';

export class RpcRequest implements Router, Body {
  readonly dialect: RpcDialect;
  /** Undefined for a content type that is refused. */
  readonly wire: RpcWire | undefined;
  readonly #exchange: Exchange;
  readonly #table: RpcTable<RpcTarget>;
  #source: Source;
  /** Of a dialogue over HTTP/1.1, whose answer waits for it; null for all other calls. */
  upload: UploadGate | null = null;
  #target: RpcTarget | null = null;
  #rules: EnvelopeRules = { faults: OF_CLIENT, maxBytes: 0, compression: null };
  #single = true;
  /** The one message, read once and kept for who asks again. */
  #whole: Promise<Uint8Array> | null = null;
  #taken = false;
  #frames: Body | null = null;

  constructor(exchange: Exchange, table: RpcTable<RpcTarget>, dialect: RpcDialect) {
    this.#exchange = exchange;
    this.#table = table;
    this.dialect = dialect;
    this.wire = dialect.wireOf(exchange.head);
    const { body } = exchange;
    this.#source = this.wire?.textRequest === true ? new Base64Source(body) : body;
  }

  /** Null before {@link route} has found one. */
  get target(): RpcTarget | null {
    return this.#target;
  }

  get single(): boolean {
    return this.#single;
  }

  get encoding(): string | undefined {
    return this.#rules.compression?.name;
  }

  route(call: Call): Route {
    const { head } = this.#exchange;
    const { dialect } = this;
    const target = findTarget(this.#table, head);
    const { kind, letIn } = target.route;
    call.letIn = letIn;
    checkPost(head);
    if (this.wire === undefined) throw unsupportedType(head, dialect.contentTypes);
    dialect.check(head, kind);
    call.shorten(call.startMs + dialect.timeoutMs(head));
    this.#single = kind === 'unary' || kind === 'server_stream';
    this.#rules = {
      faults: OF_CLIENT,
      maxBytes: this.#single ? target.maxBodyBytes : target.maxMessageBytes,
      compression: compressionFrom(head.header(dialect.encodingHeader), dialect.encodingHeader),
    };
    if (kind === 'bidi' && !head.httpVersion.startsWith('2')) {
      this.upload = new UploadGate(this.#source);
      this.#source = this.upload;
    }
    this.#target = target;
    return target.route;
  }

  next(): Message | undefined | Promise<Message | undefined> {
    if (!this.#single) return this.#nextOf();
    if (this.#taken) return undefined;
    this.#taken = true;
    return this.whole().then((envelope) => openEnvelope(envelope, this.#rules));
  }

  whole(): Promise<Uint8Array> {
    this.#whole ??= collectEnvelope(this.#source, this.#rules);
    return this.#whole;
  }

  raw(): Source {
    return new ScannedSource(this.#source, this.#rules);
  }

  cancel(reason: GatewayError): void {
    if (this.#frames !== null) this.#frames.cancel(reason);
    else this.#source.cancel(reason);
  }

  async #nextOf(): Promise<Message | undefined> {
    this.#frames ??= framedBody(this.#source, createEnvelopes(this.#rules), {
      codec: 'proto',
      maxBytes: Infinity,
    });
    const frame = await this.#frames.next();
    return frame === undefined ? undefined : openEnvelope(frame.bytes, this.#rules);
  }
}
