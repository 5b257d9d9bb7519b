/** What a compression of node:zlib does with whole messages and bodies; content-coding.ts has the table of them. */
import { InflateError } from './inflate-error.ts';

export interface Compression<Name extends string = string> {
  /** As `grpc-encoding` and Content-Encoding have it. */
  readonly name: Name;
  /** Plain where it was done at once, a promise where it was handed to another thread. */
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Throws or rejects with an {@link InflateError}, also for what becomes larger than `maxBytes`: no more than that is ever made. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>;
}

interface RowOptions {
  readonly maxOutputLength?: number;
  readonly rejectGarbageAfterEnd?: boolean;
  readonly params?: Readonly<Record<number, number>>;
}

type Sync = (bytes: Uint8Array, options: RowOptions) => Uint8Array;
type Async = (bytes: Uint8Array, options: RowOptions, done: Done) => void;
type Done = (error: Error | null, result: Uint8Array) => void;

interface RowWork {
  readonly pack: readonly [Sync, Async];
  readonly unpack: readonly [Sync, Async];
  readonly packOptions?: RowOptions;
  readonly unpackOptions?: RowOptions;
  /** What may be made at once of few bytes. Default: any size, since gzip and deflate make at most 1,032 bytes of one. */
  readonly mostMadeAtOnceBytes?: number;
}

/**
 * Up to so many bytes are worked on at once, more by a thread of the pool. Measured with gzip: 1 KB takes 31 us at once and 184 us by a
 * thread (inflated: 14 and 100), 64 KB 240 us at once, 4 MB 9,000, for which no other call should wait. So few bytes inflate to 4 MB,
 * the default limit, in 2,000 us.
 */
const MOST_AT_ONCE_BYTES = 16_384;

/** A compression of node:zlib. */
export function compressionRow<Name extends string>(name: Name, work: RowWork): Compression<Name> {
  const { pack, unpack, packOptions = {}, mostMadeAtOnceBytes = Infinity } = work;
  return {
    name,
    compress(bytes) {
      if (bytes.length <= MOST_AT_ONCE_BYTES) return pack[0](bytes, packOptions);
      return promised(pack[1], bytes, packOptions, (error) => error);
    },
    decompress(bytes, maxBytes) {
      const options = { ...work.unpackOptions, maxOutputLength: Math.max(maxBytes, 1) };
      if (bytes.length > MOST_AT_ONCE_BYTES || maxBytes > mostMadeAtOnceBytes) {
        return promised(unpack[1], bytes, options, (error) => new InflateError(error));
      }
      try {
        return unpack[0](bytes, options);
      } catch (error) {
        throw new InflateError(error);
      }
    },
  };
}

function promised(
  work: Async,
  bytes: Uint8Array,
  options: RowOptions,
  failure: (error: Error) => Error,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    work(bytes, options, (error, result) => {
      if (error === null) resolve(result);
      else reject(failure(error));
    });
  });
}
