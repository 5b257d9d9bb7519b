/** OPTIONS on a path that no rule claims it for: tells what the path answers, without CORS headers. */
import { EMPTY_BODY } from '../../call/body.ts';
import { OK } from '../../call/status.ts';
import type { Route } from '../../call/types.ts';

/** Answers with the verbs in `Allow` (RFC 9110 section 9.3.7); a browser takes the missing CORS headers as a refusal. */
export function optionsRoute(allowed: readonly string[]): Route {
  return {
    name: '',
    rpc: '',
    kind: 'unary',
    letIn: null,
    handle(call) {
      call.answerHeaders.push('allow', [...allowed, 'OPTIONS'].join(', '));
      return Promise.resolve({ metadata: null, body: EMPTY_BODY, end: OK });
    },
  };
}
