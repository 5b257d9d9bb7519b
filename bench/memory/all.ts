import { busy } from './busy.ts';
import { idleHttp1, idleHttp2, idleStreams } from './idle.ts';
import { slowReader, slowReaderGrpc, slowReaderGrpcWeb } from './slow-reader.ts';
import { streamsGrpc, streamsGrpcWeb, streamsSse } from './streams.ts';
import type { MemoryCheck } from './types.ts';

export const MEMORY_CHECKS: readonly MemoryCheck[] = [
  busy,
  slowReader,
  slowReaderGrpc,
  slowReaderGrpcWeb,
  streamsGrpc,
  streamsGrpcWeb,
  streamsSse,
  idleHttp1,
  idleHttp2,
  idleStreams,
];
