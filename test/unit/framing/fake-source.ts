/** A Source that a test feeds by hand, and that writes down what it was told. */
import type { GatewayError } from '../../../src/call/error.ts';
import type { Sink, Source } from '../../../src/call/types.ts';

export class FakeSource implements Source {
  sink: Sink | null = null;
  pumps = 0;
  resumes = 0;
  readonly cancels: GatewayError[] = [];
  paused = false;

  pump(sink: Sink): void {
    this.pumps++;
    this.sink = sink;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.resumes++;
    this.paused = false;
  }

  cancel(reason: GatewayError): void {
    this.cancels.push(reason);
    this.sink = null;
  }

  /** Delivers a chunk as a transport does: not behind a cancel, and paused where the sink wants no more. */
  give(chunk: string | Uint8Array): void {
    if (this.sink?.write(Buffer.from(chunk)) === false) this.paused = true;
  }
}
