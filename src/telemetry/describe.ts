/** Errors and foreign text as log fields: bounded, and free of anything that a terminal would obey. */
import type { GatewayError } from '../call/error.ts';

const MAX_CAUSES = 4;
const MAX_CAUSE_LENGTH = 512;
const MAX_STACK_LENGTH = 4096;

/**
 * Control characters of both blocks, line separators and bidirectional controls. JSON escapes only those below U+0020, but a terminal
 * also obeys U+009B, and a reversed line hides what it says.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** `text` cut to `maxLength` UTF-16 units, with unprintable characters as `\u{9b}`. */
export function printable(text: string, maxLength: number): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(UNPRINTABLE, escaped).toWellFormed();
}

/** The causes of an error, outermost first; a stack only where the gateway itself is at fault. */
export function describeCause(error: GatewayError): { cause?: string; stack?: string } {
  const causes: string[] = [];
  let cause = error.cause;
  for (; cause !== undefined && causes.length < MAX_CAUSES; cause = causeOf(cause)) {
    causes.push(printable(describe(cause), MAX_CAUSE_LENGTH));
  }
  const described = causes.length > 0 ? { cause: causes.join(' < ') } : {};
  if (error.pg !== 'PG_INTERNAL') return described;
  const stack = error.cause instanceof Error ? error.cause.stack : error.stack;
  return stack === undefined ? described : { ...described, stack: cutStack(stack) };
}

function describe(thrown: unknown): string {
  if (thrown instanceof Error) {
    const code = 'code' in thrown ? ` (${String(thrown.code)})` : '';
    return `${thrown.name}: ${thrown.message}${code}`;
  }
  return typeof thrown === 'string' ? thrown : `thrown ${typeof thrown}`;
}

function causeOf(thrown: unknown): unknown {
  return thrown instanceof Error ? thrown.cause : undefined;
}

/** Its line ends stay: JSON escapes them, and a stack on one line cannot be read. */
function cutStack(stack: string): string {
  return stack
    .slice(0, MAX_STACK_LENGTH)
    .split('\n')
    .map((line) => printable(line, MAX_CAUSE_LENGTH))
    .join('\n');
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
