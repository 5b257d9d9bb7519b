/** What an attack is, and what is measured of it. */

export interface Scope {
  after(close: () => void): void;
}

export interface Attack {
  /** As the table has it. */
  readonly name: string;
  /** The bound that must stop it: the label of `polygate_limits_total`, or `timeout`, that of calls. */
  readonly limit: string;
  /** At a time; 20 unless it says so. */
  readonly attackers?: number;
  /** One attacker: resolves when it has been stopped, or has nothing left to send. */
  run(scope: Scope, port: number): Promise<void>;
}

export interface Measured {
  readonly name: string;
  readonly limit: string;
  /** How often the bound has stopped something. */
  readonly stopped: number;
  /** Resident memory of the gateway. */
  readonly beforeMb: number;
  readonly peakMb: number;
  readonly afterMb: number;
  /** The longest that the event loop was held up. */
  readonly delayMs: number;
  readonly good: number;
  readonly failed: number;
  readonly lastFailure: string;
}
