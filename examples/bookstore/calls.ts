/** From plain functions to the handlers of grpc-js: one place turns what is thrown into a status. */
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { toStatus } from './errors.ts';

/** As much of a call as a writer needs. */
export interface Outlet<Out> {
  readonly cancelled: boolean;
  write(message: Out): boolean;
  once(event: 'drain' | 'cancelled', listener: () => void): unknown;
  off(event: 'drain' | 'cancelled', listener: () => void): unknown;
}

/** A method that answers at once. */
export function unary<In, Out>(method: (request: In) => Out): handleUnaryCall<In, Out> {
  return (call, callback) => {
    try {
      callback(null, method(call.request));
    } catch (error) {
      callback(toStatus(error));
    }
  };
}

/** A method that writes as it likes; the stream ends when `method` resolves. */
export function serverStream<In, Out>(
  method: (call: ServerWritableStream<In, Out>) => Promise<void>,
): handleServerStreamingCall<In, Out> {
  return (call) => {
    const run = async (): Promise<void> => method(call);
    run().then(
      () => call.end(),
      (error: unknown) => call.emit('error', toStatus(error)),
    );
  };
}

/** Takes messages one by one and answers behind the last; a throw of either function ends the call. */
export interface Collector<In, Out> {
  readonly take: (message: In) => void;
  readonly finish: () => Out;
}

/** A method with many requests; each call gets a collector of its own. */
export function clientStream<In, Out>(
  collector: () => Collector<In, Out>,
): handleClientStreamingCall<In, Out> {
  return (call, callback) => {
    const { take, finish } = collector();
    let open = true;
    const guard = (step: () => void): void => {
      if (!open) return;
      try {
        step();
      } catch (error) {
        open = false;
        callback(toStatus(error));
      }
    };
    call.on('data', (message: In) => guard(() => take(message)));
    call.on('end', () => guard(() => callback(null, finish())));
  };
}

/** A method that answers each message with one of its own, at the pace of the slower side. */
export function conversation<In, Out>(
  replier: () => (message: In) => Out,
): handleBidiStreamingCall<In, Out> {
  return (call) => {
    const reply = replier();
    let open = true;
    call.on('data', (message: In) => {
      // Messages that were on their way when the call failed still arrive.
      if (!open) return;
      try {
        if (!call.write(reply(message))) call.pause();
      } catch (error) {
        open = false;
        call.emit('error', toStatus(error));
      }
    });
    call.on('drain', () => call.resume());
    call.on('end', () => {
      if (open) call.end();
    });
  };
}

/** Writes one message and waits until there is room for another; false when the caller has left. */
export async function writeWithRoom<Out>(call: Outlet<Out>, message: Out): Promise<boolean> {
  if (call.cancelled) return false;
  if (call.write(message)) return true;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      call.off('drain', done);
      call.off('cancelled', done);
      resolve();
    };
    call.once('drain', done);
    call.once('cancelled', done);
  });
  return !call.cancelled;
}
