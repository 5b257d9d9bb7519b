/** The page by fetch alone: REST, and NDJSON for streams. */
import type { Events, Failure, Json, PageClient, Told } from './types.ts';

export function restClient(origin: string): PageClient {
  return {
    async ask(method, request) {
      const answer =
        method === 'GetBook'
          ? await fetch(`${origin}/v1/${String(request['name'])}`)
          : await fetch(`${origin}/v1/${String(request['parent'])}/books`, {
              method: 'POST',
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(request['book']),
            });
      return told(answer, await answer.json());
    },
    watch: ({ name, maxEvents = 0 }) =>
      eventsOf(`${origin}/v1/${String(name)}:watch?maxEvents=${Number(maxEvents)}`),
  };
}

function told(answer: Response, body: unknown): Told {
  const revision = answer.headers.get('bookstore-revision');
  if (answer.ok) return { value: body, revision, failure: null };
  const { code, message, details } = body as Failure;
  return { value: null, revision, failure: { code, message, details: details.map(withType) } };
}

function withType({ '@type': type, ...rest }: Json): Json {
  return { type: String(type).replace(/^.*\//, ''), ...rest };
}

function eventsOf(url: string): Events {
  const controller = new AbortController();
  const lines = linesOf(url, controller.signal);
  return {
    async next() {
      const { done, value } = await lines.next();
      return done === true ? null : JSON.parse(value);
    },
    cancel: () => controller.abort(),
  };
}

async function* linesOf(url: string, signal: AbortSignal): AsyncGenerator<string, undefined> {
  const answer = await fetch(url, { signal });
  if (answer.body === null) return;
  let text = '';
  const decoder = new TextDecoder();
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    yield* lines;
  }
}
