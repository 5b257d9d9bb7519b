import { busy } from './busy.ts';
import { idleHttp1, idleHttp2, idleStreams } from './idle.ts';
import { slowReader } from './slow-reader.ts';
import type { MemoryCheck } from './types.ts';

export const MEMORY_CHECKS: readonly MemoryCheck[] = [
  busy,
  slowReader,
  idleHttp1,
  idleHttp2,
  idleStreams,
];
