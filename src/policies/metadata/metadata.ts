/** Which metadata passes between client and service, and under which names. */
import { Metadata } from '../../call/metadata.ts';
import type { Policy, Reply, Routed } from '../../call/types.ts';
import type { Status } from '../../call/status.ts';

/** All names in lower case. */
export interface MetadataRules {
  /** Null lets all pass. */
  readonly allow: readonly string[] | null;
  /** Wins over `allow`. */
  readonly deny: readonly string[];
  /** From the name received to the name sent; behind the two others. */
  readonly rename: Readonly<Record<string, string>>;
}

export interface MetadataSettings {
  /** Towards the service. */
  readonly in: MetadataRules;
  /** Towards the client: headers and trailers. */
  readonly out: MetadataRules;
}

/** Whether there is anything to do; a route without rules has no such layer. */
export function hasRules({ in: inward, out }: MetadataSettings): boolean {
  return [inward, out].some(
    (rules) =>
      rules.allow !== null || rules.deny.length > 0 || Object.keys(rules.rename).length > 0,
  );
}

export function metadata(settings: MetadataSettings): Policy<Routed, Routed> {
  const inward = compile(settings.in, OWN);
  const outward = compile(settings.out, []);
  return (next) => async (call) => {
    call.metadata.replace(inward);
    const reply = await next(call);
    return {
      metadata: filtered(reply.metadata, outward),
      body: reply.body,
      end: filteredEnd(reply, outward),
    };
  };
}

/** The name that goes out for one that came in; undefined for one that does not pass. */
type Rename = (name: string) => string | undefined;

/** What the gateway itself tells the service about the request; `allow` is about what clients send. */
const OWN = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];

function compile({ allow, deny, rename }: MetadataRules, own: readonly string[]): Rename {
  const allowed = allow === null ? null : new Set([...allow, ...own]);
  const denied = new Set(deny);
  const renamed = new Map(Object.entries(rename));
  return (name) => {
    if (denied.has(name) || allowed?.has(name) === false) return undefined;
    return renamed.get(name) ?? name;
  };
}

function filteredEnd({ end }: Reply, rename: Rename): Reply['end'] {
  const apply = (status: Status): Status => ({
    ...status,
    trailers: filtered(status.trailers, rename),
  });
  return end instanceof Promise ? end.then(apply) : apply(end);
}

function filtered(source: Metadata | null, rename: Rename): Metadata | null {
  if (source === null) return null;
  const copy = new Metadata();
  source.each((name, value) => copy.append(name, value));
  copy.replace(rename);
  return copy;
}
