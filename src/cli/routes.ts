/** `polygate routes`: every route of the table. */
import type { CallKind } from '../call/types.ts';
import type { ConfigSource } from './arguments.ts';
import { EXIT_OK } from './exit-codes.ts';
import { type Inspection, inspect } from './inspect.ts';
import { columns, type Terminal } from './terminal.ts';

/** One line of the table, and one object of `--json`. */
interface RouteLine {
  readonly verb: string;
  readonly template: string;
  /** As `bookstore.v1.Bookstore/GetBook`. */
  readonly method: string;
  readonly upstream: string;
  readonly kind: CallKind;
  /** `*`, a field, or empty for none. */
  readonly body: string;
  readonly responseBody: string;
  readonly origin: string;
}

export async function routes(
  { source, json }: { readonly source: ConfigSource; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const inspection = await inspect(source, terminal.cwd);
  const lines = routeLines(inspection);
  terminal.out(json ? `${JSON.stringify(lines, null, 2)}\n` : formatRoutes(lines));
  for (const warning of inspection.generation.warnings) terminal.err(`warning: ${warning}\n`);
  return EXIT_OK;
}

/** In the order of the configuration and of the schemas. */
function routeLines({ generation, upstreams }: Inspection): RouteLine[] {
  const names = new Map(upstreams.map(({ plan, schema }) => [schema, plan.name]));
  return generation.table.entries().map(({ verb, template, target, describe }) => ({
    verb,
    template: template.text,
    method: target.route.name,
    upstream: names.get(target.schema) ?? '',
    kind: target.route.kind,
    body: target.binding.rule.body,
    responseBody: target.binding.rule.responseBody,
    origin: describe,
  }));
}

function formatRoutes(lines: readonly RouteLine[]): string {
  const head = ['VERB', 'TEMPLATE', 'METHOD', 'UPSTREAM', 'KIND', 'BODY'];
  const rows = lines.map((line) => [
    line.verb,
    line.template,
    line.method,
    line.upstream,
    line.kind,
    line.body === '' ? '-' : line.body,
  ]);
  return `${columns([head, ...rows]).join('\n')}\n`;
}
