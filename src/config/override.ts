/** What the command line says about ports goes before what the file says. */
import { isRecord } from './check.ts';

export interface Overrides {
  readonly host?: string;
  readonly port?: number;
  readonly adminPort?: number;
}

/** A copy of an unvalidated configuration with `overrides` in it. What has no place for them is left for validation to refuse. */
export function overrideConfig(config: unknown, overrides: Overrides): unknown {
  if (!isRecord(config)) return config;
  const { host, port, adminPort } = overrides;
  const listen = { ...(host !== undefined && { host }), ...(port !== undefined && { port }) };
  const admin = adminPort === undefined ? {} : { port: adminPort };
  return { ...config, ...merged(config, 'listen', listen), ...merged(config, 'admin', admin) };
}

/** `{ [key]: … }` with `values` over what stands there; `false` gives way to them, anything else that is no object stays. */
function merged(config: Record<string, unknown>, key: string, values: object): object {
  const there = config[key];
  if (Object.keys(values).length === 0) return {};
  if (isRecord(there)) return { [key]: { ...there, ...values } };
  return there === undefined || there === false ? { [key]: values } : {};
}
