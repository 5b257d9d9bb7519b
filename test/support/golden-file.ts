/** The text form of the golden cases: what a client sends, what the service sees and answers, what the client gets. */
import type { WireAnswer } from './golden-client.ts';
import { ECHO, type Pairs, type Script, type Seen } from './golden-service.ts';

export interface GoldenFile {
  /** What stands before the first case: comments, and `@settings` as JSON for the top of the configuration. */
  readonly preamble: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly cases: readonly GoldenCase[];
}

export interface GoldenCase {
  readonly name: string;
  /** Lines that begin with `#`, under the name. */
  readonly comment: string;
  readonly request: string;
  /** What the service saw. */
  readonly seen: string;
  /** The lines with `<`: what the service answers; none of them is an echo. */
  readonly script: string;
  readonly response: string;
}

const SEPARATOR = '\n-----\n';
/** What grpc-js and every call add; compared where a case names them. */
const USUAL = new Set([
  ':method',
  ':path',
  ':scheme',
  ':authority',
  'te',
  'content-type',
  'user-agent',
  'grpc-accept-encoding',
  'accept-encoding',
  'grpc-timeout',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
]);
/** What HTTP/1.1 adds, and what changes from run to run. */
const HOP = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

export function parseFile(text: string): GoldenFile {
  const [preamble = '', ...blocks] = text.split(/^### /m);
  const settings = /^@settings (.*)$/m.exec(preamble)?.[1] ?? '{}';
  const last = blocks.length - 1;
  return {
    preamble,
    settings: JSON.parse(settings),
    cases: blocks.map((block, i) => parseCase(i === last ? block : block.slice(0, -1))),
  };
}

/** The reverse of {@link parseFile}. */
export function printFile({ preamble, cases }: Omit<GoldenFile, 'settings'>): string {
  const blocks = cases.map(({ name, comment, request, seen, script, response }) => {
    const middle = [seen, ...(script === '' ? [] : [script])].join('\n');
    return `### ${name}\n${comment}${[request, middle, response].join(SEPARATOR)}\n`;
  });
  return preamble + blocks.join('\n');
}

function parseCase(block: string): GoldenCase {
  const [, name = '', comment = '', rest = ''] =
    /^([^\n]*)\n((?:#[^\n]*\n)*)(.*)\n$/s.exec(block) ?? [];
  const [request = '', middle = '', response = ''] = `${rest}\n`
    .split(/^-----\n/m)
    .map((section) => section.replace(/\n$/, ''));
  const lines = middle.split('\n');
  return {
    name,
    comment,
    request,
    seen: lines.filter((line) => !line.startsWith('<')).join('\n'),
    script: lines.filter((line) => line.startsWith('<')).join('\n'),
    response,
  };
}

/** The bytes on the wire: the head's lines end in CRLF, `<length>` is the length of the body, `\r` in a body is written as it is. */
export function requestBytes(request: string): Buffer {
  const at = request.indexOf('\n\n');
  const head = at < 0 ? request.replace(/\n$/, '') : request.slice(0, at);
  const body = Buffer.from(at < 0 ? '' : request.slice(at + 2));
  const lines = head.replace('<length>', String(body.length)).split('\n');
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

/**
 * `< name: value` is a header, `< {…}` a message, `< status 5 text` the end, and `< name: value` behind it a trailer; `< reset` breaks the
 * stream off. Without a message and an end, what came is echoed.
 */
export function parseScript(script: string): Script {
  if (script === '') return ECHO;
  const headers: [string, string][] = [];
  const trailers: [string, string][] = [];
  const messages: string[] = [];
  let end: { code: number; message: string } | undefined;
  let resets = false;
  for (const line of script.split('\n').map((written) => written.slice(2))) {
    const [, code, message = ''] = /^status (\d+) ?(.*)$/.exec(line) ?? [];
    if (code !== undefined) end = { code: Number(code), message };
    else if (line === 'reset') resets = true;
    else if (line.startsWith('{')) messages.push(line);
    else (end === undefined ? headers : trailers).push(pair(line));
  }
  return {
    headers,
    messages: messages.length === 0 && end === undefined && !resets ? null : messages,
    code: end?.code ?? 0,
    message: end?.message ?? '',
    trailers,
    resets,
  };
}

/** Calls as a case writes them; `expected` decides which of the usual headers are shown. */
export function printSeen(calls: readonly Seen[], expected: string): string {
  if (calls.length === 0) return 'nothing';
  const named = namesIn(expected);
  return calls
    .map(({ method, messages, headers }) =>
      [method, ...messages, ...lines(headers, (name) => !USUAL.has(name) || named.has(name))].join(
        '\n',
      ),
    )
    .join('\n');
}

/** An answer as a case writes it: a trailer begins with `~`, and `~ cut` is a body without its end. */
export function printAnswer(answer: WireAnswer, expected: string): string {
  const named = namesIn(expected);
  const shown = lines(answer.headers, (name) => !HOP.has(name) || named.has(name));
  const tail = [
    ...answer.trailers.map(([name, value]) => `~ ${name}: ${value}`),
    ...(answer.complete ? [] : ['~ cut']),
  ];
  const text = `${[answer.statusLine, ...shown].join('\n')}\n\n${answer.body}`;
  const id = answer.headers.find(([name]) => name === 'x-request-id')?.[1] ?? bodyId(answer.body);
  return [id === undefined ? text : text.replaceAll(id, '<id>'), ...tail].join('\n');
}

/** An error inside a stream has no header for its id. */
function bodyId(body: string): string | undefined {
  return /"requestId":"([^"]+)"/.exec(body)?.[1];
}

function lines(pairs: Pairs, shows: (name: string) => boolean): string[] {
  return pairs.filter(([name]) => shows(name)).map(([name, value]) => `${name}: ${value}`);
}

function namesIn(expected: string): Set<string> {
  return new Set(expected.split('\n').map((line) => /^:?[^:]*/.exec(line)?.[0] ?? ''));
}

function pair(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
