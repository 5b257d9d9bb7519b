/** The request side of one REST call: finds the rule, and reads the body into messages when somebody asks for them. */
import { withEventId } from '../../binding/event-fields.ts';
import { FIELDS_HEADER } from '../../binding/partial.ts';
import type { BoundRequest } from '../../binding/types.ts';
import type { Call, Router } from '../../call/call.ts';
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { Body, Exchange, Route } from '../../call/types.ts';
import type { Mask } from '../../codecs/proto-json/to-json/mask.ts';
import { InflatingSource } from '../../compression/inflating-source.ts';
import { createChunks } from '../../framing/chunks.ts';
import { collect, tooLarge } from '../../framing/collect.ts';
import { framedBody } from '../../framing/framed-body.ts';
import { createJsonValues } from '../../framing/json-values.ts';
import type { HttpMatch, HttpTable } from '../../routing/http-table.ts';
import { bodyCoding, inflateBody } from './content-encoding.ts';
import { checkJson, isNdjson, streamFormat } from './media-type.ts';
import { optionsRoute } from './options.ts';
import type { RestTarget } from './target.ts';
import { timeoutFrom } from './timeout.ts';

/** How many unknown names the warning header lists. */
const MAX_WARNED = 20;
const UNKNOWN_FIELDS_HEADER = 'x-polygate-unknown-fields';

/** The route of a method and the verbs that RPC protocols call it by. */
export type FindMethod = (path: string) => RpcMethod | undefined;

interface RpcMethod {
  readonly route: Route;
  readonly verbs: readonly string[];
}

export class RestRequest implements Body, Router {
  readonly #exchange: Exchange;
  readonly #table: HttpTable<RestTarget>;
  readonly #methods: FindMethod;
  #match: HttpMatch<RestTarget> | undefined;
  #call: Call | null = null;
  /** The messages of a client stream, once somebody has asked for the first. */
  #frames: Body | null = null;
  #bound = false;
  /** The unknown names of the warning header, null where there are none. */
  #warned: Set<string> | null = null;
  /** Where the header's value stands among those of the answer. */
  #warnedAt = 0;
  #badTimeout: GatewayError | null = null;
  /** Null before it is read. */
  #mask: Mask | undefined | null = null;

  constructor(exchange: Exchange, table: HttpTable<RestTarget>, methods: FindMethod) {
    this.#exchange = exchange;
    this.#table = table;
    this.#methods = methods;
  }

  /** Undefined before {@link route} and where no rule matched. */
  get target(): RestTarget | undefined {
    return this.#match?.target;
  }

  /** The part of the answer that the client asks for, known once the service is called; undefined for all of it. */
  get mask(): Mask | undefined {
    return this.#mask ?? undefined;
  }

  route(call: Call): Route {
    const { verb, path } = this.#exchange.head;
    this.#call = call;
    this.#match = this.#table.match(verb, path);
    if (this.#match !== undefined) {
      const { route } = this.#match.target;
      call.letIn = route.letIn;
      // A dialogue is opened before its first message is read; for all others the policies come first.
      const early = route.kind === 'bidi';
      this.#readTimeout(call, early);
      if (early) this.#readMask(this.#match);
      return route;
    }
    const allowed = this.#table.allowed(path);
    if (verb === 'OPTIONS') {
      const route = this.#preflight(call, allowed);
      if (route !== undefined) return route;
    }
    const [first] = allowed;
    if (first === undefined) {
      throw new GatewayError('PG_ROUTE_NOT_FOUND', `no route for ${verb} ${shown(path)}`);
    }
    call.letIn = this.#table.match(first, path)?.target.route.letIn ?? null;
    throw new GatewayError(
      'PG_METHOD_NOT_ALLOWED',
      `${shown(path)} does not answer ${verb}, only ${allowed.join(', ')}`,
      { allow: allowed },
    );
  }

  /** OPTIONS that no rule claims belongs to CORS; the route is that of the method which the page wants to use. Undefined for an unknown path. */
  #preflight(call: Call, allowed: readonly string[]): Route | undefined {
    const { head } = this.#exchange;
    const wanted = head.header('access-control-request-method');
    const method = this.#methods(head.path);
    const verbs = new Set([...allowed, ...(method?.verbs ?? [])]);
    if (verbs.size === 0) return undefined;
    call.preflight = true;
    if (wanted !== undefined && head.header('origin') !== undefined) {
      const rest = this.#table.match(wanted, head.path)?.target.route;
      const route = rest ?? (method?.verbs.includes(wanted) === true ? method.route : undefined);
      // Only where CORS is configured does a preflight run the policies of the route.
      if (route !== undefined && route.letIn !== null) return route;
    }
    return optionsRoute([...verbs]);
  }

  get single(): boolean {
    const kind = this.#match?.target.route.kind;
    return kind !== 'client_stream' && kind !== 'bidi';
  }

  next(): Message | undefined | Promise<Message | undefined> {
    const match = this.#match;
    if (match === undefined) return undefined;
    if (this.#badTimeout !== null) throw this.#badTimeout;
    if (this.#mask === null) this.#readMask(match);
    if (this.single) {
      if (this.#bound) return undefined;
      this.#bound = true;
      return this.#readSingle(match);
    }
    return this.#nextOf(match);
  }

  cancel(reason: GatewayError): void {
    if (this.#frames !== null) this.#frames.cancel(reason);
    else this.#exchange.body.cancel(reason);
  }

  /** A timeout that is none is told by the first {@link next}, behind CORS, without which a page could not read what is wrong. */
  #readTimeout(call: Call, early: boolean): void {
    try {
      call.shorten(call.startMs + timeoutFrom(this.#exchange.head));
    } catch (error) {
      const refusal = GatewayError.from(error);
      if (early) throw refusal;
      this.#badTimeout = refusal;
    }
  }

  #readMask({ target }: HttpMatch<RestTarget>): void {
    const { head } = this.#exchange;
    this.#mask = target.binding.mask({ query: head.query, header: head.header(FIELDS_HEADER) });
  }

  #readSingle(match: HttpMatch<RestTarget>): Message | Promise<Message> {
    const { head } = this.#exchange;
    if (!head.hasBody) return this.#bind(match, undefined);
    const { binding, settings } = match.target;
    const coding = bodyCoding(head);
    if (binding.requestBody !== 'raw') checkJson(head, false);
    const { maxBodyBytes } = settings;
    const declared = Number(head.header('content-length') ?? 0);
    if (declared > maxBodyBytes) throw tooLarge(maxBodyBytes);
    const whole = collect(this.#exchange.body, maxBodyBytes);
    const plain =
      coding === null ? whole : whole.then((body) => inflateBody(body, coding, maxBodyBytes));
    return plain.then((body) => this.#bind(match, body.length === 0 ? undefined : body));
  }

  async #nextOf(match: HttpMatch<RestTarget>): Promise<Message | undefined> {
    const { binding } = match.target;
    const { head } = this.#exchange;
    if (!head.hasBody || binding.requestBody === 'none') {
      // Nothing can follow: what path and query say is the one message.
      if (this.#bound) return undefined;
      return this.#bind(match, undefined);
    }
    this.#frames ??= this.#openFrames(match.target);
    const frame = await this.#frames.next();
    if (frame === undefined) return undefined;
    if (!this.#bound) return this.#bind(match, frame.bytes);
    this.#call?.touch();
    return this.#message(binding.bindNext(frame.bytes, head.header('content-type')));
  }

  #openFrames({ binding, settings }: RestTarget): Body {
    const { head, body } = this.#exchange;
    const coding = bodyCoding(head);
    const raw = binding.requestBody === 'raw';
    if (!raw) checkJson(head, true);
    const source =
      coding === null ? body : new InflatingSource(body, coding, settings.maxMessageBytes);
    if (raw) return framedBody(source, createChunks(), { codec: 'bytes', maxBytes: Infinity });
    const framing = isNdjson(head) ? 'sequence' : 'auto';
    const decoder = createJsonValues(framing, settings.maxMessageBytes);
    return framedBody(source, decoder, { codec: 'json', maxBytes: Infinity });
  }

  #bind(match: HttpMatch<RestTarget>, body: Uint8Array | undefined): Message {
    this.#bound = true;
    const { head } = this.#exchange;
    const { binding } = match.target;
    const bound = binding.bind({
      captures: match.captures,
      query: this.#query(match.target),
      body,
      contentType: head.header('content-type'),
      patch: head.verb === 'PATCH',
    });
    return this.#message(bound);
  }

  /** With the event that a page has seen last, where it comes back to an event stream. */
  #query({ events, settings, route }: RestTarget): string {
    const { head } = this.#exchange;
    const names = events?.lastEventId ?? null;
    if (names === null || route.kind !== 'server_stream') return head.query;
    const id = head.header('last-event-id');
    if (id === undefined || streamFormat(head, settings.streamFormat) !== 'sse') return head.query;
    // Header values come one character per byte.
    return withEventId(head.query, names, Buffer.from(id, 'latin1').toString());
  }

  #message({ bytes, unknown }: BoundRequest): Message {
    if (unknown.length > 0) this.#warn(unknown);
    return { codec: 'proto', bytes };
  }

  /** Strictness `warn`: a header names what was dropped, each name once, as long as the head has not gone out. */
  #warn(unknown: readonly string[]): void {
    this.#match?.target.settings.onUnknown(unknown.length);
    this.#warned ??= new Set();
    const before = this.#warned.size;
    for (const name of unknown) {
      if (this.#warned.size === MAX_WARNED) break;
      this.#warned.add(encodeURI(name.toWellFormed()).slice(0, 200));
    }
    const headers = this.#call?.answerHeaders;
    if (headers === undefined || this.#warned.size === before) return;
    // One header, however many messages of an upload have something to drop.
    if (before === 0) this.#warnedAt = headers.push(UNKNOWN_FIELDS_HEADER, '') - 1;
    headers[this.#warnedAt] = [...this.#warned].join(', ');
  }
}

/** A path in a message: as sent, and short whatever the client sent. */
function shown(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}
