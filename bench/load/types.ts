export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
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
