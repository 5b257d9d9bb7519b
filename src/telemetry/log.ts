/** The log: JSON lines, written asynchronously so that a slow reader never holds up a call. pino stays behind this interface. */
import type { DestinationStream, Logger } from 'pino';
import { systemClock, type Clock } from '../lib/clock.ts';

/** Levels of pino; lines are written at the four in the middle, the others are thresholds. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
export type LogFields = Readonly<Record<string, unknown>>;

/** All that the rest of the gateway knows of logging. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** Resolves when every line so far has been handed to the system, or after a second where nobody takes them. Never rejects. */
  flush(): Promise<void>;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes whole lines; default: standard output. */
  readonly destination?: DestinationStream;
  readonly clock?: Clock;
}

/** What may wait for a slow reader of standard output; lines beyond it are dropped and counted. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const FLUSH_TIMEOUT_MS = 1000;

interface Output {
  readonly stream: DestinationStream;
  flush(): Promise<void>;
  /** Told how many lines were dropped, as soon as there is room for a line that says so. */
  onDropped: (count: number) => void;
}

/** Loads pino (23 ms) and opens the log. */
export async function createLog(options: LogOptions): Promise<Log> {
  const clock = options.clock ?? systemClock;
  const { pino } = await import('pino');
  const output =
    options.destination === undefined
      ? asyncOutput(pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES }), clock)
      : directOutput(options.destination);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.epochMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    output.stream,
  );
  return overPino(logger, output);
}

function overPino(logger: Logger, output: Output): Log {
  output.onDropped = (dropped) =>
    logger.warn({ dropped }, 'log lines were dropped: nobody reads fast enough');
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    flush: () => output.flush(),
  };
}

function directOutput(stream: DestinationStream): Output {
  return { stream, flush: () => Promise.resolve(), onDropped: () => {} };
}

/** What is used of sonic-boom, pino's asynchronous destination. */
interface AsyncStream extends DestinationStream {
  on(event: 'drain' | 'drop', listener: () => void): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/**
 * sonic-boom's own `flush` calls back at once while a write is still under way, so the output watches `drain` itself.
 * A destination that fails (a closed pipe, a full disk) must not end the gateway: its lines are lost, the calls go on.
 */
function asyncOutput(boom: AsyncStream, clock: Clock): Output {
  let pending = false;
  /** The reader is gone for good: sonic-boom writes nothing any more and so never drains. */
  let gone = false;
  let dropped = 0;
  let waiting: (() => void)[] = [];
  const settle = (): void => {
    pending = false;
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  boom.on('error', ({ code }) => {
    if (code === 'EPIPE') gone = true;
    settle();
  });
  boom.on('drop', () => {
    dropped++;
  });
  const output: Output = {
    stream: {
      write(line) {
        if (gone) return;
        pending = true;
        boom.write(line);
      },
    },
    flush() {
      if (!pending) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = clock.after(FLUSH_TIMEOUT_MS, resolve);
        waiting.push(() => {
          timer.cancel();
          resolve();
        });
      });
    },
    onDropped: () => {},
  };
  boom.on('drain', () => {
    const count = dropped;
    dropped = 0;
    pending = false;
    if (count > 0) output.onDropped(count);
    // A line about it has a drain of its own, which settles.
    if (!pending) settle();
  });
  return output;
}
