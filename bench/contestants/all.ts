import { floor } from './floor.ts';
import { polygate } from './polygate.ts';
import type { Contestant } from './types.ts';

/** In the order of their turns. */
export const CONTENDERS: readonly Contestant[] = [floor, polygate];
