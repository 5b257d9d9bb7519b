/** As much of the Chrome DevTools protocol as a CPU profile takes. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Node ids, one for each sample. */
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: CallFrame;
}

export interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  /** From 0; -1 where there is no source. */
  readonly lineNumber: number;
}

export interface Inspector {
  send(method: string, params?: object): Promise<unknown>;
  close(): void;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export async function connectInspector(port: number): Promise<Inspector> {
  const socket = new WebSocket(await addressOf(port));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) call?.resolve(reply.result);
    else call?.reject(new Error(reply.error.message));
  });
  socket.addEventListener('close', () => {
    for (const call of waiting.values()) call.reject(new Error('the inspector hung up'));
  });
  return {
    send: (method, params = {}) => {
      const call = Promise.withResolvers<unknown>();
      waiting.set(++lastId, call);
      socket.send(JSON.stringify({ id: lastId, method, params }));
      return call.promise;
    },
    close: () => socket.close(),
  };
}

/** A CPU profile of what the process does while `work` runs. */
export async function profileOf(
  inspector: Inspector,
  intervalUs: number,
  work: () => Promise<void>,
): Promise<CpuProfile> {
  await inspector.send('Profiler.enable');
  await inspector.send('Profiler.setSamplingInterval', { interval: intervalUs });
  await inspector.send('Profiler.start');
  await work();
  const { profile } = (await inspector.send('Profiler.stop')) as { profile: CpuProfile };
  return profile;
}

async function addressOf(port: number): Promise<string> {
  const endMs = performance.now() + 10_000;
  for (;;) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
      const [target] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
      if (target !== undefined) return target.webSocketDebuggerUrl;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
    await sleep(50);
  }
}
