/**
 * node:http for whoever needs more of it than types. An `import` of it reads every export once, WebSocket among them, and so loads the
 * whole of undici that Node carries: 30 ms of each start for something that nobody uses.
 */
import type * as NodeHttp from 'node:http';

const http: typeof NodeHttp = process.getBuiltinModule('node:http');

export const METHODS: readonly string[] = http.METHODS;
export const STATUS_CODES: (typeof NodeHttp)['STATUS_CODES'] = http.STATUS_CODES;
