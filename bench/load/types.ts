export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** As many requests as the connections get answered in the time given. */
export interface UnaryLoad {
  readonly port: number;
  readonly connections: number;
  /** Whole seconds. */
  readonly seconds: number;
  readonly request: HttpRequest;
  /** Of one answer's body; fewer bytes than the answers must have make the run invalid. */
  readonly bodyBytes: number;
  /** Looks at the length of each answer, at the price of a slower load; autocannon can't. For protocols that fail with the status 200. */
  readonly inspects?: boolean;
}

/** What a load generator has seen. A load that was not answered as it should be throws instead. */
export interface Load {
  readonly answers: number;
  readonly elapsedMs: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

/** Makes a run invalid. */
export class InvalidRun extends Error {}
