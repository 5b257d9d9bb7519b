/** Cross-origin requests of browsers: who may call, and what a page may read. Source: the Fetch standard, "CORS protocol". */
import { EMPTY_BODY } from '../../call/body.ts';
import type { Call } from '../../call/call.ts';
import { OK } from '../../call/status.ts';
import type { HeaderList, LetIn, Policy, Reply, Routed } from '../../call/types.ts';

export interface CorsSettings {
  /** `*`, or origins as browsers send them. */
  readonly origins: '*' | readonly string[];
  /** Request headers that a page may send; null for those that its preflight asks for. */
  readonly headers: readonly string[] | null;
  /** Response headers that a page may read. */
  readonly expose: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeMs: number;
}

/**
 * Answers preflights, and puts the headers on whatever the client gets, errors included: a page could not read those otherwise.
 * An origin that is not allowed is served without the headers; it is the browser that refuses.
 */
export function cors(settings: CorsSettings): Policy<Routed, Routed> {
  return (next) => (call) => {
    const allowed = pushOrigin(call, settings);
    if (!call.preflight) {
      if (allowed) pushExposed(call, settings);
      return next(call);
    }
    const { head } = call.exchange;
    if (allowed) {
      pushPreflight(call.answerHeaders, settings, {
        method: head.header('access-control-request-method') ?? '',
        headers: head.header('access-control-request-headers'),
      });
    }
    const reply: Reply = { metadata: null, body: EMPTY_BODY, end: OK };
    return Promise.resolve(reply);
  };
}

/** The same headers for a call that is refused before its policies run. */
export function letIn(settings: CorsSettings): LetIn {
  return (call) => {
    if (pushOrigin(call, settings)) pushExposed(call, settings);
  };
}

/** Whether the page may read the answer. */
function pushOrigin({ exchange, answerHeaders }: Call, settings: CorsSettings): boolean {
  const origin = exchange.head.header('origin');
  // Caches must know, also where this origin got nothing.
  if (settings.origins !== '*') answerHeaders.push('vary', 'origin');
  if (origin === undefined || !isAllowed(settings, origin)) return false;
  answerHeaders.push(
    'access-control-allow-origin',
    settings.origins === '*' && !settings.credentials ? '*' : origin,
  );
  if (settings.credentials) answerHeaders.push('access-control-allow-credentials', 'true');
  return true;
}

function pushExposed({ answerHeaders }: Call, { expose }: CorsSettings): void {
  if (expose.length > 0) answerHeaders.push('access-control-expose-headers', expose.join(', '));
}

/** The route was found by the method that the page asks for, so it may be used. */
function pushPreflight(
  target: HeaderList,
  { headers, maxAgeMs }: CorsSettings,
  asked: { readonly method: string; readonly headers: string | undefined },
): void {
  target.push('access-control-allow-methods', asked.method);
  const allowed = headers === null ? asked.headers : headers.join(', ');
  if (allowed !== undefined && allowed !== '') target.push('access-control-allow-headers', allowed);
  target.push('access-control-max-age', String(Math.floor(maxAgeMs / 1000)));
  // The answer differs by what was asked for.
  target.push('vary', 'access-control-request-method, access-control-request-headers');
}

function isAllowed({ origins }: CorsSettings, origin: string): boolean {
  return origins === '*' || origins.includes(origin);
}
