/** One connection to a server under test, byte by byte: what goes out is what the test says, what comes back is kept as it came. */
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

export interface ConnectionAnswer {
  readonly status: number;
  /** In order, names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Latin-1, without chunked coding. */
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

export interface RawConnection {
  readonly socket: Socket;
  /** What has come and was not taken by {@link answer}, as Latin-1. */
  readonly received: string;
  /** How many bytes of what was written the system has taken. */
  readonly sent: number;
  /** Resolves when the system has taken the bytes; never rejects. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Takes the next complete answer, 1xx included; rejects when the connection closes before it is complete. */
  answer(options?: { readonly toHead?: boolean }): Promise<ConnectionAnswer>;
  /** Resolves when `text` is among what has been received. */
  until(text: string): Promise<void>;
  /** How the other side closed it. */
  readonly closed: Promise<'end' | 'reset'>;
}

/** Closed behind the test. */
export function openConnection(t: TestContext, port: number): RawConnection {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  let received = '';
  let sent = 0;
  let over = false;
  let look = (): void => {};
  const closed = new Promise<'end' | 'reset'>((resolve) => {
    socket.on('end', () => resolve('end'));
    socket.on('error', () => resolve('reset'));
    socket.on('close', () => resolve('end'));
  });
  void closed.then(() => {
    over = true;
    look();
  });
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
    look();
  });
  /** Tries on every change; `attempt` gives undefined while there is not enough. */
  const wait = <T>(what: string, attempt: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      look = () => {
        const found = attempt();
        if (found !== undefined) resolve(found);
        else if (over) reject(new Error(`closed before ${what}: ${JSON.stringify(received)}`));
      };
      look();
    });
  return {
    socket,
    closed,
    get received() {
      return received;
    },
    get sent() {
      return sent;
    },
    write: (bytes) =>
      new Promise((resolve) => {
        socket.write(bytes, (error) => {
          if (!error) sent += bytes.length;
          resolve();
        });
      }),
    answer: ({ toHead = false } = {}) =>
      wait('a complete answer', () => {
        const parsed = takeAnswer(received, toHead);
        if (parsed === undefined) return undefined;
        received = received.slice(parsed.length);
        return parsed.answer;
      }),
    until: async (text) => {
      await wait(JSON.stringify(text), () => (received.includes(text) ? true : undefined));
    },
  };
}

/** Resolves once `read` gives the same number over many turns of the event loop: nothing moves any more. */
export async function untilStill(read: () => number): Promise<number> {
  let last = read();
  for (let turns = 0; turns < 300; turns++) {
    await new Promise((resolve) => setImmediate(resolve));
    const now = read();
    if (now === last) continue;
    last = now;
    turns = 0;
  }
  return last;
}

export interface TakenAnswer {
  readonly answer: ConnectionAnswer;
  /** How much of the text it takes. */
  readonly length: number;
}

/** The complete answer that `text` (Latin-1) begins with, if it is complete. */
export function takeAnswer(text: string, toHead: boolean): TakenAnswer | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const status = Number(statusLine.split(' ')[1]);
  const headers = lines.map(field);
  const from = end + 4;
  const value = (wanted: string): string | undefined =>
    headers.find(([name]) => name === wanted)?.[1];
  if (toHead || status < 200 || status === 204 || status === 304) {
    return { answer: { status, headers, body: '', trailers: [] }, length: from };
  }
  if (value('transfer-encoding') === 'chunked') return parseChunks(text, from, { status, headers });
  const length = from + Number(value('content-length') ?? 0);
  if (text.length < length) return undefined;
  return { answer: { status, headers, body: text.slice(from, length), trailers: [] }, length };
}

function parseChunks(
  text: string,
  from: number,
  head: Pick<ConnectionAnswer, 'status' | 'headers'>,
): TakenAnswer | undefined {
  let body = '';
  for (let at = from; ; ) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    if (size > 0) {
      if (text.length < line + 4 + size) return undefined;
      body += text.slice(line + 2, line + 2 + size);
      at = line + 4 + size;
      continue;
    }
    const end = text.startsWith('\r\n', line + 2) ? line + 2 : text.indexOf('\r\n\r\n', line + 2);
    if (end < 0) return undefined;
    const bare = end === line + 2;
    const trailers = bare
      ? []
      : text
          .slice(line + 2, end)
          .split('\r\n')
          .map(field);
    return { answer: { ...head, body, trailers }, length: end + (bare ? 2 : 4) };
  }
}

function field(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
