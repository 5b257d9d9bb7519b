/** A request head of nothing but headers. */
import type { RequestHead } from '../../../../src/call/types.ts';

/** `headers` in order, names in lower case; repeats are joined as a listener joins them. */
export function headWith(
  headers: readonly (readonly [name: string, value: string])[] | Readonly<Record<string, string>>,
  rest: Partial<RequestHead> = {},
): RequestHead {
  const list = Array.isArray(headers)
    ? (headers as readonly (readonly [string, string])[])
    : Object.entries(headers);
  return {
    verb: 'POST',
    path: '/',
    query: '',
    httpVersion: '1.1',
    scheme: 'http',
    authority: 'gateway.test',
    peer: '192.0.2.1',
    hasBody: true,
    upgrade: undefined,
    memo: { metadata: null },
    header(name) {
      const values = list.filter(([other]) => other === name).map(([, value]) => value);
      return values.length === 0 ? undefined : values.join(', ');
    },
    eachHeader(visit) {
      for (const [name, value] of list) visit(name, value);
    },
    ...rest,
  };
}
