/** Signals and what must never happen: the two ways in which a gateway ends that nobody called. */
import { type Clock, systemClock } from '../lib/clock.ts';
import type { Log } from '../telemetry/log.ts';
import { EXIT_FORCED } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

export interface StopSignals {
  /** Aborted by the first signal, whose name is the reason. */
  readonly signal: AbortSignal;
  /** The name of the first signal; pending until it comes. */
  readonly first: Promise<string>;
}

/** npm hands Ctrl-C on to a process that the terminal has told already: the same signal so soon is the same key press. */
const SAME_SIGNAL_MS = 300;

interface SignalOptions {
  /** What emits signals: the process. */
  readonly source: Pick<NodeJS.EventEmitter, 'on'>;
  readonly clock: Clock;
  /** Told of a second signal. */
  readonly onSecond: (name: string) => void;
}

/** From now on the first SIGTERM or SIGINT is a request, and a second one is for `onSecond`. */
export function listenForSignals({ source, clock, onSecond }: SignalOptions): StopSignals {
  const controller = new AbortController();
  let stoppedAtMs = 0;
  const first = new Promise<string>((resolve) => {
    const onSignal = (name: string): void => {
      const nowMs = clock.nowMs();
      if (!controller.signal.aborted) {
        stoppedAtMs = nowMs;
        controller.abort(name);
        resolve(name);
        return;
      }
      const same = name === controller.signal.reason;
      if (!same || nowMs - stoppedAtMs >= SAME_SIGNAL_MS) onSecond(name);
    };
    source.on('SIGTERM', onSignal);
    source.on('SIGINT', onSignal);
  });
  return { signal: controller.signal, first };
}

/** {@link listenForSignals} of this process, which a second signal ends. */
export function processSignals(terminal: Terminal): StopSignals {
  const onSecond = (name: string): void => {
    terminal.err(`${name}: ended at once\n`);
    process.exit(EXIT_FORCED);
  };
  return listenForSignals({ source: process, clock: systemClock, onSecond });
}

/** After an error that nothing has caught the state is unknown: it is logged, and the process ends. */
export function endOnUncaught(log: Log, terminal: Terminal): void {
  let ending = false;
  process.on('uncaughtException', (thrown: unknown, origin) => {
    if (ending) process.exit(EXIT_FORCED);
    ending = true;
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const stack = thrown instanceof Error ? thrown.stack : undefined;
    log.error({ origin, reason, stack }, 'internal error, the process ends');
    terminal.err(`polygate: internal error, the process ends\n${stack ?? reason}\n`);
    void log.flush().then(() => process.exit(EXIT_FORCED));
  });
}
