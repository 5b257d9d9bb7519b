/** Ids that nobody can guess and no two calls share. */
import { randomFillSync } from 'node:crypto';

const BYTES = 8;
const pool = Buffer.alloc(BYTES * 256);
let at = pool.length;

/** 16 hex digits from the system's random source, drawn in batches. */
export function newId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  const id = pool.toString('hex', at, at + BYTES);
  at += BYTES;
  return id;
}
