/** The head of an answer as text (RFC 9112 section 4), with the fields that are the connection's own: length, coding, date, persistence. */
import type { HeaderList } from '../call/types.ts';
import type { Clock } from '../lib/clock.ts';
import { STATUS_CODES } from '../lib/node-http.ts';

/** How the body of an answer ends. */
export type Framing = 'length' | 'chunked' | 'close' | 'none';

/** What the connection adds to an answer; one object, set before each {@link headText}, since every answer needs it. */
export interface Ending {
  framing: Framing;
  /** Where the framing is by length. */
  length: number;
  /** Whether the connection ends behind this answer. */
  close: boolean;
  /** HTTP/1.0 clients must be told that it goes on (RFC 9112 section 9.3). */
  keepAlive: boolean;
}

export const ending: Ending = { framing: 'length', length: 0, close: false, keepAlive: false };

const STATUS_LINES = new Map<number, string>();
/** Names that have been looked at; the headers of answers are few. */
const NAMES = new Map<string, NameKind>();
const MAX_NAMES = 1_000;
type NameKind = 'plain' | 'date' | 'own';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Nothing that ends a line or could be taken for its end (RFC 9110 section 5.5), and nothing that Latin-1 has no byte for. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

let dateClock: Clock | null = null;
let dateSecond = -1;
let dateText = '';

/** The status line, `headers`, and what {@link ending} says. Throws a TypeError where a name or a value is none: that would let its author write an answer of his own. */
export function headText(status: number, headers: HeaderList, clock: Clock): string {
  let text = statusLine(status);
  let dated = false;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    const value = headers[i + 1] as string;
    const kind = NAMES.get(name) ?? kindOf(name);
    if (kind === 'own') continue;
    if (kind === 'date') dated = true;
    checkValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  // RFC 9110 section 6.6.1: whoever has a clock says the date.
  if (!dated) text += dateLine(clock);
  if (ending.framing === 'length') text += `content-length: ${ending.length}\r\n`;
  else if (ending.framing === 'chunked') text += 'transfer-encoding: chunked\r\n';
  if (ending.close) text += 'connection: close\r\n';
  else if (ending.keepAlive) text += 'connection: keep-alive\r\n';
  return `${text}\r\n`;
}

/** `name: value` lines, as trailers. */
export function fieldLines(fields: HeaderList): string {
  let text = '';
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if ((NAMES.get(name) ?? kindOf(name)) === 'own') continue;
    checkValue(name, value);
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

/** The names among `fields`, for the header Trailer; an empty text where there are none. */
export function namesOf(fields: HeaderList): string {
  const names: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!names.includes(fields[i] as string)) names.push(fields[i] as string);
  }
  return names.join(', ');
}

/** What the caller has said of the length of a streamed body, or -1. */
export function declaredLength(headers: HeaderList): number {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 14 && name.toLowerCase() === 'content-length')
      return Number(headers[i + 1]);
  }
  return -1;
}

/** Whether the caller wants the connection to end behind this answer. */
export function wantsClose(headers: HeaderList): boolean {
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length === 10 && name.toLowerCase() === 'connection' && headers[i + 1] === 'close') {
      return true;
    }
  }
  return false;
}

function statusLine(status: number): string {
  let found = STATUS_LINES.get(status);
  if (found !== undefined) return found;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new RangeError(`${status} is no HTTP status`);
  }
  found = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  STATUS_LINES.set(status, found);
  return found;
}

function kindOf(name: string): NameKind {
  if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is no header name`);
  const lower = name.toLowerCase();
  let kind: NameKind = 'plain';
  if (lower === 'date') kind = 'date';
  else if (OWN.has(lower)) kind = 'own';
  if (NAMES.size < MAX_NAMES) NAMES.set(name, kind);
  return kind;
}

/** Of this hop alone: the connection says what is true of it. */
const OWN = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

function checkValue(name: string, value: string): void {
  if (!VALUE.test(value))
    throw new TypeError(`the value of ${name} has a character that no header may have`);
}

function dateLine(clock: Clock): string {
  const second = Math.floor(clock.epochMs() / 1_000);
  if (second !== dateSecond || clock !== dateClock) {
    dateClock = clock;
    dateSecond = second;
    dateText = `date: ${new Date(second * 1_000).toUTCString()}\r\n`;
  }
  return dateText;
}
