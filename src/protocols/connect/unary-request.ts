/** The request side of a unary Connect call: the body is the message, or the query is. */
import type { Call, Router } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { Body, Exchange, Route } from '../../call/types.ts';
import type { Compression } from '../../compression/compression.ts';
import { InflateError } from '../../compression/inflate-error.ts';
import { collect, tooLarge } from '../../framing/collect.ts';
import type { RpcTable } from '../../routing/rpc-table.ts';
import { compressionFrom } from '../../rpc/compression-from.ts';
import { enclose } from '../../rpc/envelope.ts';
import { checkPost, findTarget, unsupportedType } from '../../rpc/find-target.ts';
import type { RpcTarget } from '../../rpc/target.ts';
import { fromJson } from '../../rpc/transcoded-request.ts';
import { type GetRequest, readGet } from './get-message.ts';
import { checkVersion, connectTimeoutMs } from './head.ts';

const TYPE = /^application\/(proto|json)\s*(?:;\s*charset=utf-8\s*)?$/i;

export class UnaryRequest implements Router, Body {
  readonly single = true;
  readonly #exchange: Exchange;
  readonly #table: RpcTable<RpcTarget>;
  #target: RpcTarget | null = null;
  /** Of the request and of its answer. */
  #codec: 'proto' | 'json' = 'json';
  #compression: Compression | null = null;
  #get: GetRequest | null = null;
  #taken = false;
  #body: Promise<Uint8Array> | null = null;
  /** Messages in JSON have none. */
  whole: Body['whole'] = undefined;

  constructor(exchange: Exchange, table: RpcTable<RpcTarget>) {
    this.#exchange = exchange;
    this.#table = table;
  }

  get target(): RpcTarget | null {
    return this.#target;
  }

  get codec(): 'proto' | 'json' {
    return this.#codec;
  }

  get encoding(): string | undefined {
    return this.#compression?.name;
  }

  route(call: Call): Route {
    const { head } = this.#exchange;
    const target = findTarget(this.#table, head);
    call.letIn = target.route.letIn;
    if (head.verb === 'GET') this.#readGet(target);
    else this.#readPost();
    if (target.route.kind !== 'unary') {
      const needed = 'application/connect+proto or application/connect+json to a streaming method';
      throw unsupportedType(head, needed);
    }
    call.shorten(call.startMs + connectTimeoutMs(head));
    this.#target = target;
    if (this.#codec === 'proto') this.whole = () => this.#enclosed(target);
    return target.route;
  }

  next(): undefined | Promise<Message> {
    const target = this.#target;
    if (this.#taken || target === null) return undefined;
    this.#taken = true;
    return this.#collected(target).then((body) => this.#message(body, target));
  }

  cancel(reason: GatewayError): void {
    this.#exchange.body.cancel(reason);
  }

  #readGet({ sideEffectFree }: RpcTarget): void {
    const { head } = this.#exchange;
    if (!sideEffectFree) {
      throw new GatewayError(
        'PG_METHOD_NOT_ALLOWED',
        'only methods with idempotency_level NO_SIDE_EFFECTS answer GET',
        { allow: ['POST'] },
      );
    }
    this.#get = readGet(head.query);
    this.#codec = this.#get.codec;
    this.#compression = compressionFrom(this.#get.compression, 'compression');
  }

  #readPost(): void {
    const { head } = this.#exchange;
    checkPost(head);
    const match = TYPE.exec(head.header('content-type') ?? '');
    if (match === null) throw unsupportedType(head, 'application/proto or application/json');
    this.#codec = match[1]?.toLowerCase() === 'proto' ? 'proto' : 'json';
    checkVersion(head);
    this.#compression = compressionFrom(head.header('content-encoding'), 'content-encoding');
  }

  /** The one message as it came: collected once, and kept for who asks again. */
  #collected({ maxBodyBytes }: RpcTarget): Promise<Uint8Array> {
    const { head, body } = this.#exchange;
    const declared = this.#get?.message.length ?? Number(head.header('content-length') ?? 0);
    if (declared > maxBodyBytes) throw tooLarge(maxBodyBytes);
    this.#body ??=
      this.#get === null ? collect(body, maxBodyBytes) : Promise.resolve(this.#get.message);
    return this.#body;
  }

  async #enclosed(target: RpcTarget): Promise<Uint8Array> {
    const body = await this.#collected(target);
    // An empty message may stand without the compression that its head names.
    return enclose(body, this.#compression !== null && body.length > 0);
  }

  #message(body: Uint8Array, target: RpcTarget): Message | Promise<Message> {
    // An empty message may stand without the compression that its head names.
    if (this.#compression === null || body.length === 0) return this.#decoded(body, target);
    try {
      const inflated = this.#compression.decompress(body, target.maxBodyBytes);
      if (!(inflated instanceof Promise)) return this.#decoded(inflated, target);
      return inflated.then(
        (bytes) => this.#decoded(bytes, target),
        (error: unknown) => {
          throw inflateFault(error, target);
        },
      );
    } catch (error) {
      throw inflateFault(error, target);
    }
  }

  #decoded(bytes: Uint8Array, target: RpcTarget): Message {
    return this.#codec === 'json' ? fromJson(bytes, target) : { codec: 'proto', bytes };
  }
}

function inflateFault(error: unknown, { maxBodyBytes }: RpcTarget): GatewayError {
  if (!(error instanceof InflateError)) return GatewayError.from(error);
  return error.tooLarge
    ? tooLarge(maxBodyBytes)
    : new GatewayError('PG_BAD_REQUEST', 'the body cannot be decompressed');
}
