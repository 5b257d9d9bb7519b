/**
 * Clients in other languages: a program that reads commands as lines of JSON and answers each with another line, not necessarily in
 * order. `{"id":1,"verb":"ask",…}` with the fields of an Ask, `open` with a path, `next` and `cancel` with the id of the `open`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Answer, Ask, Lines, Speaker, Target } from './types.ts';
import { repeatOn } from './ways.ts';

interface Reply {
  readonly id: number;
  readonly error?: string;
  readonly answer?: Omit<Answer, 'bytes'> & { readonly body: string };
  readonly line?: string | null;
}

interface Waiting {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

type Command = Partial<Ask> & {
  readonly verb: 'ask' | 'open' | 'next' | 'cancel';
  readonly of?: number;
};

/** It gets what it must know of `target` as its last argument. */
export function remoteSpeaker(command: string, words: readonly string[], target: Target): Speaker {
  const { port, tls, protocol, caFile } = target;
  const known = JSON.stringify({ port, tls, http2: protocol === 'HTTP/2', caFile });
  const child = spawn(command, [...words, known], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  createInterface(child.stdout).on('line', (line) => {
    const reply = JSON.parse(line) as Reply;
    const settle = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) settle?.resolve(reply);
    else settle?.reject(new Error(reply.error));
  });
  const fail = (error: Error): void => {
    for (const one of waiting.values()) one.reject(error);
  };
  child.on('error', fail);
  child.on('exit', (code) => fail(new Error(`${command} ended with ${code}`)));
  const send = (sent: Command): Promise<Reply> =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      child.stdin.write(`${JSON.stringify({ id: lastId, ...sent })}\n`);
    });
  const ask = async (one: Ask): Promise<Answer> => {
    const { answer } = await send({ verb: 'ask', ...one });
    if (answer === undefined) throw new Error(`${command} gave no answer`);
    return { ...answer, bytes: Buffer.byteLength(answer.body) };
  };
  return {
    ask,
    repeat: (path, count) => repeatOn(target, count, () => ask({ path })),
    async open(path): Promise<Lines> {
      const { id } = await send({ verb: 'open', path });
      return {
        next: async () => (await send({ verb: 'next', of: id })).line ?? null,
        cancel: async () => void (await send({ verb: 'cancel', of: id })),
      };
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
