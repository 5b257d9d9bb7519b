/** The one request abstraction: every protocol reads its wire into a Call, every policy works on it, every outbound is driven by it. */
import { newId } from '../lib/ids.ts';
import type { Linked, LinkedList } from '../lib/linked-list.ts';
import type { Timed, TimerWheel } from '../lib/timer-wheel.ts';
import { GatewayError } from './error.ts';
import type { Metadata } from './metadata.ts';
import type { StatusCode } from './status.ts';
import type { Body, Exchange, HeaderList, LetIn, Route } from './types.ts';

export interface CallOptions {
  /** Default: a new one, made when somebody asks for it. */
  readonly id?: string;
  /** The inbound protocol, as `rest`: a label of logs and metrics. */
  readonly protocol: string;
  readonly exchange: Exchange;
  /** The headers that no protocol owns. */
  readonly metadata: Metadata;
  readonly body: Body;
  /** Finds the route of a call of this protocol; throws a {@link GatewayError} where there is none. */
  readonly router: Router;
  readonly wheel: TimerWheel;
}

export interface Router {
  /** Sets {@link Call.letIn} as soon as the path is known, also where the request is then refused. */
  route(call: Call): Route;
}

/** What the client got; known when the last byte has been handed to the transport, or when nobody is there to take it. */
export interface Outcome {
  readonly code: StatusCode;
  /** The status that went out, or 0 where none did. */
  readonly httpStatus: number;
  /** Set where the gateway itself failed or refused the call. */
  readonly error: GatewayError | null;
}

/** Hears of the end of a call, exactly once, whatever became of it. */
export interface CallObserver {
  finished(call: Call, outcome: Outcome): void;
}

/** Where a call counts; see telemetry. */
export interface CallCounters {
  inFlight: number;
  /** Counts a call whose client has its whole answer or has left. */
  finished(protocol: string, code: StatusCode, durationMs: number): void;
}

/**
 * Every slot is preset and the object is handed on as it is, never spread or copied. A policy writes its own slot.
 * A call is its own timer: its deadline and its idle bound share one place on the wheel.
 */
export class Call implements Timed, Linked<Call> {
  readonly protocol: string;
  readonly exchange: Exchange;
  readonly metadata: Metadata;
  readonly body: Body;
  readonly router: Router;
  readonly wheel: TimerWheel;
  readonly startMs: number;
  route: Route | null = null;
  /** Absolute, on the monotonic clock; only ever shortens. Infinity is none. */
  deadlineMs: number = Infinity;
  /** Headers that go out with whatever the client gets, an answer or an error: CORS, warnings. */
  readonly answerHeaders: HeaderList = [];
  /** For a refusal before the policies of the route run: that of the gateway, then that of the path. */
  letIn: LetIn | null = null;
  /** A preflight that CORS answers; it never reaches an outbound. */
  preflight = false;
  /** Held by whoever works now; runs synchronously and at most once. */
  onCancel: ((reason: GatewayError) => void) | null = null;
  /** Held by an inbound for as long as it waits for a slow reader: a cancellation wakes it. */
  onStalled: ((reason: GatewayError) => void) | null = null;
  /** Set once the call was cancelled; later work must not start. */
  cancelled: GatewayError | null = null;
  observer: CallObserver | null = null;
  /** The observer's. */
  counters: CallCounters | null = null;
  list: LinkedList<Call> | null = null;
  listNext: Call | null = null;
  listPrevious: Call | null = null;

  dueMs: number = Infinity;
  wheelNext: Timed | null = null;
  wheelPrevious: Timed | null = null;
  wheelSlot = -1;
  #id: string | null;
  #finished = false;
  #idleMs = Infinity;
  #activeMs: number;

  constructor(options: CallOptions) {
    this.#id = options.id ?? null;
    this.protocol = options.protocol;
    this.exchange = options.exchange;
    this.metadata = options.metadata;
    this.body = options.body;
    this.router = options.router;
    this.wheel = options.wheel;
    this.startMs = options.wheel.clock.nowMs();
    this.#activeMs = this.startMs;
  }

  /** Unique per call; the client reads it out, the operator greps for it. */
  get id(): string {
    this.#id ??= newId();
    return this.#id;
  }

  /** Ends the work of this call and of its attempts. The first reason stays. */
  cancel(reason: GatewayError): void {
    if (this.cancelled !== null) return;
    this.cancelled = reason;
    this.wheel.disarm(this);
    const handler = this.onCancel;
    this.onCancel = null;
    handler?.(reason);
    const stalled = this.onStalled;
    this.onStalled = null;
    stalled?.(reason);
  }

  /** Shortens the deadline to `deadlineMs` (absolute); a later one changes nothing. */
  shorten(deadlineMs: number): void {
    if (deadlineMs >= this.deadlineMs) return;
    this.deadlineMs = deadlineMs;
    this.#arm();
  }

  /** Cancels the call when nothing has moved for `idleMs`. */
  watchIdle(idleMs: number): void {
    this.#idleMs = idleMs;
    this.#activeMs = this.wheel.clock.nowMs();
    this.#arm();
  }

  /** A message has moved. One store: the wheel looks at it only when the bound may have passed. */
  touch(): void {
    if (this.#idleMs !== Infinity) this.#activeMs = this.wheel.clock.nowMs();
  }

  /** The client has its whole answer, or has left; nothing of this call fires any more. The first outcome stays. */
  finish(outcome: Outcome): void {
    this.#finished = true;
    this.wheel.disarm(this);
    this.onCancel = null;
    this.onStalled = null;
    this.list?.delete(this);
    const { observer } = this;
    this.observer = null;
    observer?.finished(this, outcome);
  }

  onDue(nowMs: number): void {
    if (nowMs >= this.deadlineMs) {
      const tookMs = Math.round(this.deadlineMs - this.startMs);
      this.cancel(
        new GatewayError('PG_DEADLINE_EXCEEDED', `no complete answer within ${tookMs} ms`),
      );
    } else if (nowMs >= this.#activeMs + this.#idleMs) {
      this.cancel(
        new GatewayError('PG_IDLE_TIMEOUT', `nothing moved on this stream for ${this.#idleMs} ms`),
      );
    } else {
      this.#arm();
    }
  }

  #arm(): void {
    if (this.#finished || this.cancelled !== null) return;
    this.wheel.arm(this, Math.min(this.deadlineMs, this.#activeMs + this.#idleMs));
  }
}
