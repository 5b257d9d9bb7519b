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
  /** How many lines were dropped since it was last asked. */
  takeDropped(): number;
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
  const write = (level: Exclude<LogLevel, 'silent'>, fields: LogFields, message: string): void => {
    const dropped = output.takeDropped();
    if (dropped > 0) logger.warn({ dropped }, 'log lines were dropped: nobody reads fast enough');
    logger[level](fields, message);
  };
  return {
    debug: (fields, message) => write('debug', fields, message),
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
    flush: () => output.flush(),
  };
}

function directOutput(stream: DestinationStream): Output {
  return { stream, flush: () => Promise.resolve(), takeDropped: () => 0 };
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
  boom.on('drain', settle);
  boom.on('error', ({ code }) => {
    if (code === 'EPIPE') gone = true;
    settle();
  });
  boom.on('drop', () => {
    dropped++;
  });
  return {
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
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}
