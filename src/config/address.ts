/** Addresses of endpoints: `host:port` or `[v6]:port`, without a scheme. */
import { isIPv6 } from 'node:net';

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

/** Whether `text` starts as a URL does, so that a message can say what to leave out. */
export function hasScheme(text: string): boolean {
  return SCHEME.test(text);
}
