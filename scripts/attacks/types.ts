/** What an attack is, and what is measured of it. */

export interface Scope {
  after(close: () => void): void;
}

export interface Attack {
  /** As the table has it. */
  readonly name: string;
  /** The bound that must stop it, as the label of the metric. */
  readonly limit: string;
  /** One attacker: resolves when it has been stopped, or has nothing left to send. */
  run(scope: Scope, port: number): Promise<void>;
}

export interface Measured {
  readonly name: string;
  readonly limit: string;
  /** How often the bound has stopped something. */
  readonly stopped: number;
  readonly peakMb: number;
  readonly grownMb: number;
  /** The longest that the event loop was held up. */
  readonly delayMs: number;
  readonly good: number;
  readonly failed: number;
  readonly lastFailure: string;
}
