/** Addresses of endpoints: `host:port` or `[v6]:port`, without a scheme. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Address {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** RFC 1123 labels, an IPv4 address among them; underscores occur in the names of containers and service discovery. */
const HOST =
  /^[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** Undefined where `text` is no address; a port of an endpoint is never 0. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[3]);
  if (port < 1 || port > 65_535) return undefined;
  const [, v6, name] = match;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  return name !== undefined && isHostName(name) ? { host: name, port } : undefined;
}

/** Whether `text` is a host name or an IPv4 address. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && HOST.test(text);
}

/** Whether `host` is only reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether `text` starts as a URL does, so that a message can say what to leave out. */
export function hasScheme(text: string): boolean {
  return SCHEME.test(text);
}

export interface HttpAddress extends Address {
  readonly scheme: 'http' | 'https';
  /** `host:port`, an IPv6 address in brackets. */
  readonly authority: string;
  /** Empty, or begins with a slash and does not end with one. */
  readonly basePath: string;
}

/** What may stand in a path (RFC 3986 section 3.3), with escapes that are whole; no empty segments. */
const BASE_PATH = /^(?:\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+)*$/;
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

/** `http://host:port/base`; undefined where `text` is none. The port may be left out, and nothing may stand behind the path. */
export function parseHttpAddress(text: string): HttpAddress | undefined {
  const match = /^(https?):\/\/([^/?#@]+)(\/[^?#]*)?$/i.exec(text);
  if (match === null) return undefined;
  const scheme = match[1]?.toLowerCase() === 'https' ? 'https' : 'http';
  const place = match[2] ?? '';
  const basePath = (match[3] ?? '').replace(/\/$/, '');
  if (!BASE_PATH.test(basePath) || DOT_SEGMENT.test(basePath)) return undefined;
  const ported = /:\d+$/.test(place) && !place.endsWith(']');
  const authority = ported ? place : `${place}:${scheme === 'https' ? 443 : 80}`;
  const address = parseAddress(authority);
  return address === undefined ? undefined : { ...address, scheme, authority, basePath };
}
