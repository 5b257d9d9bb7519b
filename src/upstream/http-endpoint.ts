/** Where a service of plain HTTP is. */
import type { Endpoint } from '../call/types.ts';

/** One place that serves HTTP. */
export interface HttpEndpoint extends Endpoint {
  readonly scheme: 'http' | 'https';
  /** `host:port`, an IPv6 address in brackets. */
  readonly authority: string;
  /** Put before every path; empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
}

/** What requests say: the port that the scheme has anyway is left out (RFC 9110 section 4.2.3). */
export function saidAuthority({ scheme, authority }: HttpEndpoint): string {
  const usual = scheme === 'https' ? ':443' : ':80';
  return authority.endsWith(usual) ? authority.slice(0, -usual.length) : authority;
}
