/** The files that a plan names, looked for before anything starts. `.proto` files are left to the schema, which knows its import paths. */
import { statSync } from 'node:fs';
import type { Plan, UpstreamPlan } from './plan.ts';
import { ConfigError, below, type Problem } from './problem.ts';

/** Throws a {@link ConfigError} that lists every file and folder of `plan` that is not there. */
export function requireFiles(plan: Plan, origin?: string): void {
  const problems = [...missingOfListener(plan), ...plan.upstreams.flatMap(missingOf)];
  if (problems.length > 0) throw new ConfigError(problems, origin);
}

function missingOfListener({ listen: { tls } }: Plan): readonly Problem[] {
  if (tls === null) return [];
  return [
    ...tls.certificates.flatMap(({ path, cert, key }) => [
      missing(`${path}.cert`, cert),
      missing(`${path}.key`, key),
    ]),
    missing('listen.tls.clientCa', tls.clientCa),
  ].filter((problem) => problem !== undefined);
}

function missingOf(upstream: UpstreamPlan): readonly Problem[] {
  const path = below('upstreams', upstream.name);
  const { schema, rules, tls } = upstream;
  const folders = schema.kind === 'protos' ? schema.importPaths : [];
  return [
    missing(`${path}.schema.descriptorSet`, schema.kind === 'descriptorSet' ? schema.file : null),
    ...folders.map((folder, index) =>
      missing(`${path}.schema.importPaths[${index}]`, folder, 'folder'),
    ),
    missing(`${path}.rules`, rules),
    missing(`${path}.tls.ca`, tls?.ca ?? null),
    missing(`${path}.tls.cert`, tls?.cert ?? null),
    missing(`${path}.tls.key`, tls?.key ?? null),
  ].filter((problem) => problem !== undefined);
}

function missing(
  path: string,
  file: string | null,
  kind: 'file' | 'folder' = 'file',
): Problem | undefined {
  if (file === null) return undefined;
  const stats = statSync(file, { throwIfNoEntry: false });
  const expected = `a ${kind}`;
  if (stats === undefined) return { path, expected, found: `nothing at ${file}` };
  const fits = kind === 'folder' ? stats.isDirectory() : !stats.isDirectory();
  if (fits) return undefined;
  return { path, expected, found: `a ${kind === 'folder' ? 'file' : 'folder'} at ${file}` };
}
