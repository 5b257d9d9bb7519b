/** The outermost layer of every call: closed by what the client got, also for refused, unrouted and half-read requests. */
import type { Call, CallObserver, Outcome } from '../call/call.ts';
import type { GatewayError } from '../call/error.ts';
import type { StatusCode } from '../call/status.ts';
import { describeCause, printable } from './describe.ts';
import type { Log, LogFields } from './log.ts';
import type { Metrics } from './metrics.ts';

export interface ObserverOptions {
  readonly metrics: Metrics;
  readonly log: Log;
  /** Whether every call gets a line, not only those that fail. */
  readonly access: boolean;
}

/** A request whose head could not be read: answered, but never a call. */
export interface Refusal {
  /** The id that the client was told. */
  readonly id: string;
  readonly httpStatus: number;
  readonly error: GatewayError;
}

export interface Observer {
  /** Once per call, before anything else: becomes the observer of the call. */
  begin(call: Call): void;
  /** Once `call.route` is set: the call counts under the name of its route from here on. */
  routed(call: Call): void;
  /** Once per request that never became a call. */
  refused(refusal: Refusal): void;
}

/** Codes by which a service says that it is broken; every other code is an ordinary answer. */
const FAILURES: ReadonlySet<StatusCode> = new Set([
  'UNKNOWN',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
]);

/** Counts and logs calls. An answer of a service that is not a failure makes no line unless `access` is set. */
export function createObserver({ metrics, log, access }: ObserverOptions): Observer {
  const unrouted = metrics.route('');
  const atEnd: CallObserver = {
    finished(call, outcome) {
      const durationMs = call.wheel.clock.nowMs() - call.startMs;
      if (call.counters !== null) {
        call.counters.inFlight--;
        call.counters.finished(call.protocol, outcome.code, durationMs);
      }
      countLimit(metrics, outcome.error);
      logFailure(log, call, outcome, durationMs);
      if (access) log.info(callFields(call, outcome, durationMs), 'call');
    },
  };
  return {
    begin(call) {
      call.observer = atEnd;
      call.counters = unrouted;
      unrouted.inFlight++;
    },
    routed(call) {
      // Without an observer the call has finished already, and its numbers with it.
      if (call.observer === null || call.route === null) return;
      unrouted.inFlight--;
      call.counters = metrics.route(call.route.name);
      call.counters.inFlight++;
    },
    refused({ id, httpStatus, error }) {
      unrouted.refused('', error.code);
      countLimit(metrics, error);
      writeError(log, { id, code: error.code, httpStatus }, error);
    },
  };
}

/** The bound of bodies is one of routes: only the end of the call knows of it, whatever protocol it spoke. */
function countLimit(metrics: Metrics, error: GatewayError | null): void {
  if (error?.pg === 'PG_BODY_TOO_LARGE') metrics.limited('body_bytes');
}

function logFailure(log: Log, call: Call, outcome: Outcome, durationMs: number): void {
  const { error, code } = outcome;
  if (error === null) {
    if (FAILURES.has(code)) log.warn(callFields(call, outcome, durationMs), 'the service failed');
    return;
  }
  writeError(log, callFields(call, outcome, durationMs), error);
}

function writeError(log: Log, where: LogFields, error: GatewayError): void {
  const fields = { ...where, ...errorFields(error) };
  if (error.pg === 'PG_INTERNAL') log.error(fields, 'call failed');
  else if (error.side === 'client') log.info(fields, 'call refused');
  else log.warn(fields, 'call failed');
}

/** Text that a client chose is bounded and printable; queries and headers, where secrets travel, are left out. */
function callFields(call: Call, outcome: Outcome, durationMs: number): LogFields {
  const { head } = call.exchange;
  return {
    id: printable(call.id, 128),
    protocol: call.protocol,
    route: call.route?.name ?? '',
    verb: printable(head.verb, 32),
    path: printable(head.path, 256),
    code: outcome.code,
    httpStatus: outcome.httpStatus,
    durationMs: Math.round(durationMs * 100) / 100,
    peer: head.peer,
  };
}

function errorFields(error: GatewayError): LogFields {
  return {
    pg: error.pg,
    side: error.side,
    reached: error.reached,
    reason: printable(error.message, 512),
    ...describeCause(error),
  };
}
