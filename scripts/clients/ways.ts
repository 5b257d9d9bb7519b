/** What several clients share. */
import type { Answer, Protocol, Speaker, Target, Way } from './types.ts';

/** Every version of HTTP, plain and over TLS. */
export const ALL: readonly (readonly [Protocol, boolean])[] = [
  ['HTTP/1.1', false],
  ['HTTP/1.1', true],
  ['HTTP/2', false],
  ['HTTP/2', true],
];

export function waysOf(
  kinds: readonly (readonly [Protocol, boolean])[],
  open: (target: Target) => Speaker | Promise<Speaker>,
  lacks: Way['lacks'] | ((protocol: Protocol) => Way['lacks']) = {},
): Way[] {
  return kinds.map(([protocol, tls]) => ({
    protocol,
    tls,
    lacks: typeof lacks === 'function' ? lacks(protocol) : lacks,
    open,
  }));
}

export function originOf({ tls, port }: Target): string {
  return `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
}

/** At the same time over HTTP/2, one after the other over HTTP/1.1, which knows no other way on one connection. */
export async function repeatOn(
  { protocol }: Target,
  count: number,
  ask: () => Promise<Answer>,
): Promise<Answer[]> {
  // The first one makes the connection that the others are to share.
  const answers = [await ask()];
  if (protocol === 'HTTP/2') {
    answers.push(...(await Promise.all(Array.from({ length: count - 1 }, ask))));
  } else {
    while (answers.length < count) answers.push(await ask());
  }
  return answers;
}
