/**
 * The layer rules bite: every import that design forbids is planted and must be found, every one that it allows must pass.
 * The table below is written from the design, not from the configuration of the linter.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { type Finding, lint } from '../support/oxlint.ts';

const FOLDERS = [
  'lib',
  'call',
  'schema',
  'framing',
  'compression',
  'telemetry',
  'codecs',
  'routing',
  'services',
  'binding',
  'policies',
  'http1',
  'http2',
  'listen',
  'upstream',
  'rpc',
  'protocols',
  'config',
  'admin',
] as const;
type Folder = (typeof FOLDERS)[number];

interface Allowed {
  /** Folders whose values and types may be imported. */
  readonly values: readonly Folder[];
  /** Folders of which only types may be imported. */
  readonly types: readonly Folder[];
}

const BASE: readonly Folder[] = ['call', 'lib'];
const ALLOWED: Readonly<Record<Folder, Allowed>> = {
  lib: { values: [], types: [] },
  call: { values: ['lib'], types: [] },
  schema: { values: BASE, types: [] },
  framing: { values: BASE, types: [] },
  compression: { values: BASE, types: [] },
  telemetry: { values: BASE, types: [] },
  codecs: { values: ['schema', ...BASE], types: [] },
  routing: { values: ['schema', ...BASE], types: [] },
  services: { values: ['schema', ...BASE], types: [] },
  binding: { values: ['schema', 'codecs', ...BASE], types: ['routing'] },
  policies: { values: ['telemetry', ...BASE], types: ['routing'] },
  http1: { values: BASE, types: [] },
  http2: { values: BASE, types: [] },
  listen: { values: ['http1', 'http2', 'telemetry', ...BASE], types: [] },
  upstream: { values: ['http1', 'http2', 'telemetry', ...BASE], types: [] },
  rpc: {
    values: ['binding', 'framing', 'compression', 'codecs', 'schema', ...BASE],
    types: ['routing'],
  },
  protocols: {
    values: ['rpc', 'binding', 'framing', 'compression', 'codecs', 'schema', ...BASE],
    types: ['routing'],
  },
  config: { values: ['schema', ...BASE], types: FOLDERS },
  admin: { values: ['telemetry', ...BASE], types: FOLDERS },
};

/** Folders whose parts have a folder each and never import each other. */
const SPLIT: ReadonlySet<Folder> = new Set(['policies', 'protocols']);

const VALUE = (from: string): string =>
  `import { value } from '${from}';\nexport const used = value;\n`;
const TYPE = (from: string): string =>
  `import type { Shape } from '${from}';\nexport type Used = Shape;\n`;
const LATE = (from: string): string => `export const late = () => import('${from}');\n`;

interface Plant {
  readonly path: string;
  readonly code: string;
  readonly allowed: boolean;
}

function plantsOf(folder: Folder): Plant[] {
  const home = SPLIT.has(folder) ? `${folder}/one` : folder;
  const up = SPLIT.has(folder) ? '../../' : '../';
  const { values, types } = ALLOWED[folder];
  const plants: Plant[] = [];
  for (const target of FOLDERS) {
    // Within a folder everything may import everything; parts of a split folder are planted below.
    if (target === folder) continue;
    const from = `${up}${target}/x.ts`;
    const value = values.includes(target);
    const type = value || types.includes(target);
    plants.push(
      { path: `src/${home}/value-of-${target}.ts`, code: VALUE(from), allowed: value },
      { path: `src/${home}/type-of-${target}.ts`, code: TYPE(from), allowed: type },
      { path: `src/${home}/late-${target}.ts`, code: LATE(from), allowed: value },
      { path: `src/${home}/deep/value-of-${target}.ts`, code: VALUE(`../${from}`), allowed: value },
    );
  }
  for (const file of [...ROOT_FILES, 'cli/main.ts']) {
    const name = file.replace('/', '-');
    plants.push(
      { path: `src/${home}/imports-${name}`, code: VALUE(`${up}${file}`), allowed: false },
      { path: `src/${home}/deep/imports-${name}`, code: VALUE(`../${up}${file}`), allowed: false },
    );
  }
  plants.push({ path: `src/${home}/sibling.ts`, code: VALUE('./x.ts'), allowed: true });
  if (!SPLIT.has(folder)) {
    plants.push({ path: `src/${home}/deep/parent.ts`, code: VALUE('../x.ts'), allowed: true });
  }
  if (SPLIT.has(folder)) {
    plants.push({ path: `src/${home}/other.ts`, code: VALUE('../two/x.ts'), allowed: false });
    plants.push({ path: `src/${home}/other-type.ts`, code: TYPE('../two/x.ts'), allowed: false });
  }
  return plants;
}

/** Whoever adds a file there adds it to the layer rules. */
const ROOT_FILES = readdirSync(new URL('../../src', import.meta.url)).filter((file) =>
  file.endsWith('.ts'),
);

const ROOT: readonly Plant[] = [
  { path: 'src/other.ts', code: VALUE('./gateway.ts'), allowed: false },
  { path: 'src/index.ts', code: VALUE('./gateway.ts'), allowed: true },
  { path: 'src/cli.ts', code: VALUE('./gateway.ts'), allowed: true },
  { path: 'src/cli/serve.ts', code: VALUE('../gateway.ts'), allowed: true },
  { path: 'src/gateway.ts', code: VALUE('./protocols/one/x.ts'), allowed: true },
];

describe('layers', () => {
  const plants = [...FOLDERS.flatMap(plantsOf), ...ROOT];
  let found = new Map<string, Finding[]>();
  before(() => {
    found = lint(plants.map(({ path, code }) => [path, code]));
  });

  const refused = (path: string): boolean =>
    found.get(path)?.some(({ rule }) => rule === 'eslint(no-restricted-imports)') ?? false;

  for (const folder of FOLDERS) {
    const own = plants.filter(({ path }) => path.startsWith(`src/${folder}/`));
    test(`${folder}: what it may not import is found`, () => {
      const missed = own.filter(({ path, allowed }) => !allowed && !refused(path));
      assert.deepEqual(
        missed.map(({ path }) => path),
        [],
      );
    });
    test(`${folder}: what it may import passes`, () => {
      const wronged = own.filter(({ path, allowed }) => allowed && refused(path));
      assert.deepEqual(
        wronged.map(({ path }) => path),
        [],
      );
    });
  }

  test('gateway.ts is imported by index.ts and cli alone', () => {
    for (const { path, allowed } of ROOT) assert.equal(refused(path), !allowed, path);
  });

  test('a finding says what the folder may import', () => {
    const help = found.get('src/lib/value-of-call.ts')?.map((finding) => finding.help);
    assert.deepEqual(help, ['may import nothing of src']);
  });
});

/** One violation per rule that the architecture leans on, with the rule that must find it. */
const VIOLATIONS: readonly (readonly [path: string, rule: string, code: string])[] = [
  [
    'src/routing/a.ts',
    'import(no-cycle)',
    `import { b } from './b.ts';\nexport const a = (): number => b();\n`,
  ],
  [
    'src/routing/b.ts',
    'import(no-cycle)',
    `import { a } from './a.ts';\nexport const b = (): number => a();\n`,
  ],
  [
    'src/call/date.ts',
    'eslint(no-restricted-properties)',
    'export const now = (): number => Date.now();\n',
  ],
  [
    'src/call/monotonic.ts',
    'eslint(no-restricted-properties)',
    'export const now = (): number => performance.now();\n',
  ],
  [
    'src/call/dice.ts',
    'eslint(no-restricted-properties)',
    'export const roll = (): number => Math.random();\n',
  ],
  [
    'src/call/timer.ts',
    'eslint(no-restricted-globals)',
    'export const later = (fire: () => void): unknown => setTimeout(fire, 1);\n',
  ],
  [
    'src/call/process.ts',
    'eslint(no-restricted-globals)',
    'export const pid = (): number => process.pid;\n',
  ],
  [
    'src/call/console.ts',
    'eslint(no-console)',
    `export const say = (): void => console.log('x');\n`,
  ],
  [
    'src/call/floating.ts',
    'typescript(no-floating-promises)',
    'export function start(): void {\n  Promise.resolve(1);\n}\n',
  ],
  [
    'src/call/misused.ts',
    'typescript(no-misused-promises)',
    'export const each = (list: number[]): void => list.forEach(async (n) => {\n  await Promise.resolve(n);\n});\n',
  ],
  [
    'src/call/any.ts',
    'typescript(no-explicit-any)',
    'export const loose = (value: any): unknown => value;\n',
  ],
  [
    'src/call/swallow.ts',
    'eslint(no-empty)',
    'export function quiet(work: () => void): void {\n  try {\n    work();\n  } catch {}\n}\n',
  ],
  [
    'src/call/switch.ts',
    'typescript(switch-exhaustiveness-check)',
    `export function name(kind: 'a' | 'b'): number {\n  switch (kind) {\n    case 'a':\n      return 1;\n  }\n  return 0;\n}\n`,
  ],
  [
    'src/call/many.ts',
    'eslint(max-params)',
    'export const sum = (a: number, b: number, c: number, d: number, e: number): number => a + b + c + d + e;\n',
  ],
  ['src/call/long.ts', 'eslint(max-lines)', 'export {};\n'.repeat(401)],
];

const CLEAN: readonly (readonly [path: string, code: string])[] = [
  [
    'src/lib/clock.ts',
    'export const now = (): number => Date.now();\nexport const later = (fire: () => void): unknown => setTimeout(fire, 1);\n',
  ],
  ['src/cli/main.ts', 'export const pid = (): number => process.pid;\n'],
  [
    'src/call/clean.ts',
    'export async function wait(work: Promise<number>): Promise<number> {\n  return (await work) + 1;\n}\n',
  ],
];

describe('rules that the code leans on', () => {
  let found = new Map<string, Finding[]>();
  before(() => {
    found = lint([...VIOLATIONS.map(([path, , code]) => [path, code] as const), ...CLEAN]);
  });

  for (const [path, rule] of VIOLATIONS) {
    test(`${rule} finds ${path}`, () => {
      const rules = found.get(path)?.map((finding) => finding.rule) ?? [];
      assert.ok(rules.includes(rule), `found ${JSON.stringify(rules)}`);
    });
  }

  for (const [path] of CLEAN) {
    test(`${path} is clean`, () => {
      assert.deepEqual(found.get(path), undefined);
    });
  }
});
