/**
 * What messages and bodies are compressed with: the content codings of HTTP (RFC 9110 section 8.4.1, RFC 7932, RFC 8878), which are the
 * message encodings of gRPC as well; for whole ones and, with a stream of node:zlib, for parts.
 */
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
  createBrotliCompress,
  createBrotliDecompress,
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  createZstdCompress,
  createZstdDecompress,
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
import type { Transform } from 'node:stream';
import { type Compression, compressionRow } from './compression.ts';

export type CodingName = 'br' | 'zstd' | 'gzip' | 'deflate';

export interface ContentCoding extends Compression<CodingName> {
  /** A stream each of whose writes comes out at once and in full. */
  compressor(): Transform;
  decompressor(): Transform;
}

/** Nothing may follow what was compressed: it would be lost without a word. Known to Node from 24 on; gunzip always refuses it. */
const STRICT = { rejectGarbageAfterEnd: true };
/** RFC 9659 section 3: no encoder needs more than 8 MB. */
const ZSTD_UNPACK = { ...STRICT, params: { [constants.ZSTD_d_windowLogMax]: 23 } };
/** As fast as gzip and smaller; the default of 11 is for files. */
const BR_QUALITY = { [constants.BROTLI_PARAM_QUALITY]: 4 };
/** What `br` and `zstd` make of a few bytes has no bound of its own. */
const MOST_MADE_AT_ONCE_BYTES = 8 << 20;
/** Of an open stream: 128 KB instead of some MB, about what gzip takes. */
const STREAM_WINDOW_LOG = 17;

const BR_STREAM = {
  flush: constants.BROTLI_OPERATION_FLUSH,
  params: { ...BR_QUALITY, [constants.BROTLI_PARAM_LGWIN]: STREAM_WINDOW_LOG },
};
const ZSTD_STREAM = {
  flush: constants.ZSTD_e_flush,
  params: { [constants.ZSTD_c_windowLog]: STREAM_WINDOW_LOG },
};
const ZLIB_STREAM = { flush: constants.Z_SYNC_FLUSH };

const TABLE: Readonly<Record<CodingName, ContentCoding>> = {
  br: coding(
    compressionRow('br', {
      pack: [brotliCompressSync, brotliCompress],
      unpack: [brotliDecompressSync, brotliDecompress],
      packOptions: { params: BR_QUALITY },
      unpackOptions: STRICT,
      mostMadeAtOnceBytes: MOST_MADE_AT_ONCE_BYTES,
    }),
    [() => createBrotliCompress(BR_STREAM), () => createBrotliDecompress(STRICT)],
  ),
  zstd: coding(
    compressionRow('zstd', {
      pack: [zstdCompressSync, zstdCompress],
      unpack: [zstdDecompressSync, zstdDecompress],
      unpackOptions: ZSTD_UNPACK,
      mostMadeAtOnceBytes: MOST_MADE_AT_ONCE_BYTES,
    }),
    [() => createZstdCompress(ZSTD_STREAM), () => createZstdDecompress(ZSTD_UNPACK)],
  ),
  gzip: coding(compressionRow('gzip', { pack: [gzipSync, gzip], unpack: [gunzipSync, gunzip] }), [
    () => createGzip(ZLIB_STREAM),
    () => createGunzip(),
  ]),
  // The zlib format (RFC 9110 section 8.4.1.2).
  deflate: coding(
    compressionRow('deflate', {
      pack: [deflateSync, deflate],
      unpack: [inflateSync, inflate],
      unpackOptions: STRICT,
    }),
    [() => createDeflate(ZLIB_STREAM), () => createInflate(STRICT)],
  ),
};

/** The value of Accept-Encoding for all that is known. */
export const CODINGS: string = Object.keys(TABLE).join(', ');

/** The same as `grpc-accept-encoding` lists it. */
export const ACCEPTED_COMPRESSIONS: string = ['identity', ...Object.keys(TABLE)].join(',');

/** By the name that gRPC has for it; undefined where it is not known. Identity has no row, since nothing is to be done. */
export function compressionOf(name: string): Compression | undefined {
  return Object.hasOwn(TABLE, name) ? TABLE[name as CodingName] : undefined;
}

/** By its name in any case, or by the old one (RFC 9110 section 8.4.1.3); undefined where it is not known. */
export function codingOf(name: string): ContentCoding | undefined {
  const lower = name.toLowerCase();
  if (lower === 'x-gzip') return TABLE.gzip;
  return Object.hasOwn(TABLE, lower) ? TABLE[lower as CodingName] : undefined;
}

function coding(
  row: Compression<CodingName>,
  [compressor, decompressor]: readonly [() => Transform, () => Transform],
): ContentCoding {
  return { ...row, compressor, decompressor };
}
