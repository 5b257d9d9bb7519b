import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folder, PROTO_FILE, BENCH_PROTOS } from './paths.ts';

/** Runs `build` unless it ended well before with the same inputs and the same service. */
export function upToDate(name: string, inputs: readonly string[], build: () => void): void {
  const hash = createHash('sha256');
  for (const input of [...inputs, readFileSync(join(BENCH_PROTOS, PROTO_FILE), 'utf8')]) {
    hash.update(`${input.length} ${input}`);
  }
  const digest = hash.digest('hex');
  const file = join(folder('built'), name);
  if (existsSync(file) && readFileSync(file, 'utf8') === digest) return;
  build();
  writeFileSync(file, digest);
}
