/** What every schema test starts from. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/lib/clock.ts';
import { SchemaError } from '../../../src/schema/error.ts';
import type { SchemaProblem } from '../../../src/schema/error.ts';
import { loadSchema } from '../../../src/schema/load.ts';
import type { MessageModel, Schema } from '../../../src/schema/model.ts';
import type { ProtoFilesSource, SchemaEnvironment } from '../../../src/schema/source.ts';

/** Where `rich.binpb` and `protos/rich` are. */
export const schemaDirectory: string = fileURLToPath(new URL('.', import.meta.url));

export const richProtos: ProtoFilesSource = {
  protos: ['protos/rich/v1/rich.proto'],
  importPaths: ['protos'],
};

/** An environment in {@link schemaDirectory} that never waits for a server that is down. */
export function environment(overrides: Partial<SchemaEnvironment> = {}): SchemaEnvironment {
  return {
    directory: schemaDirectory,
    clock: systemClock,
    random: { next: () => 0.5 },
    maxAttempts: 1,
    ...overrides,
  };
}

export function message(schema: Schema, fullName: string): MessageModel {
  const found = schema.messages.get(fullName);
  if (found === undefined) throw new Error(`the schema has no ${fullName}`);
  return found;
}

/** Runs `use` in a folder that holds nothing but these files. */
export async function withFiles<Result>(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'polygate-schema-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), content);
    }
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** {@link withFiles} with one file. */
export function withFile<Result>(
  name: string,
  content: string | Uint8Array,
  use: (directory: string) => Promise<Result>,
): Promise<Result> {
  return withFiles({ [name]: content }, use);
}

/** Loads protos given as text; the first is the one that is listed. */
export function loadText(files: Readonly<Record<string, string>>): Promise<Schema> {
  const [first = ''] = Object.keys(files);
  return withFiles(files, (directory) =>
    loadSchema({ protos: [first], importPaths: ['.'] }, environment({ directory })),
  );
}

/** The problems of a load that must fail with a SchemaError. */
export async function problemsOf(load: Promise<unknown>): Promise<readonly SchemaProblem[]> {
  try {
    await load;
  } catch (thrown) {
    if (thrown instanceof SchemaError) return thrown.problems;
    throw thrown;
  }
  throw new Error('the schema was loaded, a SchemaError was expected');
}
