/** A log that keeps its lines for a test to read. */
import type { Log, LogFields } from '../../src/telemetry/log.ts';

export interface MemoryLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: LogFields;
}

export interface MemoryLog extends Log {
  readonly lines: readonly MemoryLine[];
}

export function memoryLog(): MemoryLog {
  const lines: MemoryLine[] = [];
  const at = (level: MemoryLine['level']) => (fields: LogFields, message: string) => {
    lines.push({ level, message, fields });
  };
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    flush: () => Promise.resolve(),
  };
}
