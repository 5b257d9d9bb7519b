import { HTTP1_ATTACKS } from './http1.ts';
import { HTTP2_ATTACKS } from './http2.ts';
import type { Attack } from './types.ts';

export const ATTACKS: readonly Attack[] = [...HTTP2_ATTACKS, ...HTTP1_ATTACKS];
