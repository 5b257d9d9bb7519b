/** Chromium told what to do by the DevTools protocol over two pipes: messages of JSON, each ended by a zero byte. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

export interface Browser {
  visit(url: string): Promise<void>;
  /** The value of an expression in the page, awaited. */
  evaluate<Value = unknown>(expression: string): Promise<Value>;
  /** From now on the browser keeps nothing, not even the answers of preflights. */
  withoutCache(): Promise<void>;
  /** What the network stack says when the head of a response has come; preflights are of the type `Preflight`. */
  onResponse(listener: (response: SeenResponse) => void): void;
  close(): Promise<void>;
}

export interface SeenResponse {
  readonly type: string;
  readonly verb: string;
  readonly url: string;
  readonly status: number;
  readonly protocol: string;
  readonly connectionId: number;
}

/** Of the events Network.requestWillBeSent and Network.responseReceived. */
interface NetworkEvent {
  readonly requestId: string;
  readonly type: string;
  readonly request?: { readonly method: string };
  readonly response?: Omit<SeenResponse, 'type' | 'verb'>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: NetworkEvent;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
  '--no-proxy-server',
  '--ignore-certificate-errors',
  '--remote-debugging-pipe',
];

export async function startBrowser(words: readonly string[]): Promise<Browser> {
  const child = spawn('chromium', [...FLAGS, ...words, 'about:blank'], {
    // It logs what it misses of a desktop; what goes wrong is told by the protocol.
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const connection = new Connection(child);
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank' });
  const attach = { targetId, flatten: true };
  const { sessionId } = await connection.send('Target.attachToTarget', attach);
  const session = String(sessionId);
  await connection.send('Network.enable', {}, session);
  await connection.send('Page.enable', {}, session);
  const evaluate = async <Value>(expression: string): Promise<Value> => {
    const options = { expression, awaitPromise: true, returnByValue: true };
    const answer = await connection.send('Runtime.evaluate', options, session);
    const { result, exceptionDetails } = answer as unknown as Evaluated;
    const failure = exceptionDetails?.exception?.description;
    if (exceptionDetails !== undefined) throw new Error(failure ?? 'the page has thrown');
    return result.value as Value;
  };
  return {
    async visit(url) {
      const loaded = connection.event('Page.loadEventFired');
      await connection.send('Page.navigate', { url }, session);
      await loaded;
    },
    evaluate,
    async withoutCache() {
      await connection.send('Network.setCacheDisabled', { cacheDisabled: true }, session);
    },
    onResponse(listener) {
      const verbs = new Map<string, string>();
      connection.on('Network.requestWillBeSent', ({ params }) => {
        if (params?.request !== undefined) verbs.set(params.requestId, params.request.method);
      });
      connection.on('Network.responseReceived', ({ params }) => {
        if (params?.response === undefined) return;
        const { type, requestId, response } = params;
        listener({ ...response, type, verb: verbs.get(requestId) ?? '' });
      });
    },
    async close() {
      const exited = once(child, 'exit');
      await connection.send('Browser.close', {});
      await exited;
    },
  };
}

class Connection {
  readonly #out: Writable;
  readonly #waiting = new Map<number, PromiseWithResolvers<Message>>();
  readonly #listeners = new Map<string, (message: Message) => void>();
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#out = child.stdio[3] as Writable;
    // It closes them when it is told to end.
    this.#out.on('error', (error) => this.#fail(error));
    let text = '';
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0')) {
        this.#take(JSON.parse(text.slice(0, end)) as Message);
        text = text.slice(end + 1);
      }
    });
    child.on('error', (error) => this.#fail(error));
    child.on('exit', (code) => this.#fail(new Error(`chromium ended with ${code}`)));
  }

  async send(
    method: string,
    params: Readonly<Record<string, unknown>>,
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#lastId;
    const answered = Promise.withResolvers<Message>();
    this.#waiting.set(id, answered);
    this.#out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered.promise;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  on(method: string, listener: (message: Message) => void): void {
    this.#listeners.set(method, listener);
  }

  event(method: string): Promise<void> {
    return new Promise((resolve) => this.on(method, () => resolve()));
  }

  #take(message: Message): void {
    if (message.method !== undefined) this.#listeners.get(message.method)?.(message);
    if (message.id === undefined) return;
    this.#waiting.get(message.id)?.resolve(message);
    this.#waiting.delete(message.id);
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
