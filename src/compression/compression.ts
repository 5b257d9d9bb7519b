/** What messages and bodies are compressed with, behind one interface; each is a row of the table below. */
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
  deflate,
  deflateSync,
  gunzip,
  gunzipSync,
  gzip,
  gzipSync,
  inflate,
  inflateSync,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import { InflateError } from './inflate-error.ts';

export type CompressionName = 'gzip' | 'deflate' | 'br' | 'zstd';

export interface Compression {
  /** As `grpc-encoding` and Content-Encoding have it. */
  readonly name: CompressionName;
  /** Plain where it was done at once, a promise where it was handed to another thread. */
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Throws or rejects with an {@link InflateError}, also for what becomes larger than `maxBytes`: no more than that is ever made. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>;
}

type Options = { readonly maxOutputLength?: number };
type Sync = (bytes: Uint8Array, options: Options) => Uint8Array;
type Async = (bytes: Uint8Array, options: Options, done: Done) => void;
type Done = (error: Error | null, result: Uint8Array) => void;

/**
 * Up to so many bytes are worked on at once, more by a thread of the pool. Measured with gzip: 1 KB takes 31 us at once and 184 us by a
 * thread (inflated: 14 and 100), 64 KB 240 us at once, 4 MB 9,000, for which no other call should wait. So few bytes inflate to 4 MB,
 * the default limit, in 2,000 us.
 */
const MOST_AT_ONCE_BYTES = 16_384;

const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };

const TABLE: Readonly<Record<CompressionName, Compression>> = {
  gzip: row('gzip', [gzipSync, gzip], [gunzipSync, gunzip]),
  // The zlib format, as HTTP and gRPC mean it (RFC 9110 section 8.4.1.2).
  deflate: row('deflate', [deflateSync, deflate], [inflateSync, inflate]),
  br: row('br', [quickBrotliSync, quickBrotli], [brotliDecompressSync, brotliDecompress]),
  zstd: row('zstd', [zstdCompressSync, zstdCompress], [zstdDecompressSync, zstdDecompress]),
};

/** All that is known, as `grpc-accept-encoding` lists it. */
export const ACCEPTED_COMPRESSIONS: string = ['identity', ...Object.keys(TABLE)].join(',');

/** Undefined where the name is not known; identity has no row, since nothing is to be done. */
export function compressionOf(name: string): Compression | undefined {
  return Object.hasOwn(TABLE, name) ? TABLE[name as CompressionName] : undefined;
}

/** Quality 11, zlib's default, is for files that are compressed once: it takes 50 times as long. */
function quickBrotliSync(bytes: Uint8Array, options: Options): Uint8Array {
  return brotliCompressSync(bytes, { ...options, ...QUICK });
}

function quickBrotli(bytes: Uint8Array, options: Options, done: Done): void {
  brotliCompress(bytes, { ...options, ...QUICK }, done);
}

function row(
  name: CompressionName,
  [compressSync, compress]: readonly [Sync, Async],
  [decompressSync, decompress]: readonly [Sync, Async],
): Compression {
  return {
    name,
    compress(bytes) {
      if (bytes.length <= MOST_AT_ONCE_BYTES) return compressSync(bytes, {});
      return promised(compress, bytes, {}, (error) => error);
    },
    decompress(bytes, maxBytes) {
      const options = { maxOutputLength: Math.max(maxBytes, 1) };
      if (bytes.length > MOST_AT_ONCE_BYTES) {
        return promised(decompress, bytes, options, (error) => new InflateError(error));
      }
      try {
        return decompressSync(bytes, options);
      } catch (error) {
        throw new InflateError(error);
      }
    },
  };
}

function promised(
  work: Async,
  bytes: Uint8Array,
  options: Options,
  failure: (error: Error) => Error,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    work(bytes, options, (error, result) => {
      if (error === null) resolve(result);
      else reject(failure(error));
    });
  });
}
