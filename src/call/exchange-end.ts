/** An exchange that carries exactly one call: the end of the one is the end of the other. */
import type { Call, Outcome } from './call.ts';
import { GatewayError } from './error.ts';

/** A client that leaves cancels the call; an outcome counts once the transport has taken the whole answer, or has nobody to give it to. */
export class ExchangeEnd {
  readonly #call: Call;
  #outcome: Outcome | null = null;
  #gone: Outcome | null = null;
  #done = false;

  constructor(call: Call) {
    this.#call = call;
    call.exchange.onGone = () => this.#onGone();
    call.exchange.onDone = () => {
      this.#done = true;
      this.#finish();
    };
  }

  /** What the client was told; called once. */
  settle(outcome: Outcome): void {
    this.#outcome = outcome;
    this.#finish();
  }

  #onGone(): void {
    const error = new GatewayError('PG_CLIENT_GONE', 'the client left before the answer had ended');
    this.#gone = { code: error.code, httpStatus: 499, error };
    this.#call.cancel(error);
  }

  #finish(): void {
    if (this.#done && this.#outcome !== null) this.#call.finish(this.#gone ?? this.#outcome);
  }
}
