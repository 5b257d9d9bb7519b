import { cpus, loadavg, release, totalmem } from 'node:os';
import { unaryGenerator } from '../load/unary.ts';
import { run, versionOf } from './run.ts';

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  /** Of the last minute when the run began: above a few tenths somebody else was at work. */
  readonly loadAverage: number;
}

export function machine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    loadAverage: loadavg()[0] ?? Number.NaN,
  };
}

/** Throws Unavailable where one of them is missing: without them there is nothing to measure. */
export function toolVersions(): Record<string, string> {
  run('taskset', ['-V']);
  const { name, version } = unaryGenerator();
  return {
    node: process.version,
    nginx: versionOf('nginx', '-v'),
    [name]: version,
    h2load: versionOf('h2load', '--version'),
  };
}
