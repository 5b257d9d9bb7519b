/** Finds and runs a configuration file. What it exports is anything: validate.ts judges it. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from './check.ts';
import { defineConfig } from './define.ts';
import { runNatively } from './native.ts';
import { ConfigError, describe } from './problem.ts';

export interface LoadedConfig {
  /** The default export, unvalidated. */
  readonly config: unknown;
  /** The absolute path of the file. */
  readonly file: string;
}

/** What is looked for in a folder, in this order. */
const FILE_NAMES = [
  'gateway.config.ts',
  'gateway.config.mts',
  'gateway.config.js',
  'gateway.config.mjs',
];

/** The absolute path of the configuration file in `folder`. */
export function findConfig(folder: string): string {
  for (const name of FILE_NAMES) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
  }
  const expected = `${FILE_NAMES.join(', ')} or a file named by --config`;
  throw new ConfigError([{ path: '', expected, found: 'none of them' }], resolve(folder));
}

/**
 * Runs `file` (TypeScript or JavaScript, ESM or CommonJS; a relative path starts at `cwd`) and gives its default export. Every call runs it and what it imports anew.
 * A configuration that must fetch something awaits it at its top level: a function or a promise as default export is refused.
 */
export async function loadConfig(file: string, cwd: string): Promise<LoadedConfig> {
  const path = resolve(cwd, file);
  if (!existsSync(path)) {
    throw new ConfigError([{ path: '', expected: 'a file', found: 'none of that name' }], path);
  }
  const loaded = await run(path);
  if (!('default' in loaded)) {
    const names = Object.keys(loaded);
    const found = names.length === 0 ? 'no export' : `only the exports ${names.join(', ')}`;
    const expected = 'a default export, as "export default defineConfig({ … })"';
    throw new ConfigError([{ path: '', expected, found }], path);
  }
  const config = loaded['default'];
  if (!isRecord(config)) {
    const expected = 'an object as default export';
    throw new ConfigError([{ path: '', expected, found: describe(config) }], path);
  }
  return { config, file: path };
}

async function run(path: string): Promise<Record<string, unknown>> {
  const native = await runNatively(path);
  if (native !== undefined) return native;
  // 150 ms with its compiler, that most starts do not need.
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    // No cache: a file that changed is a new configuration, and so is what it imports.
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
    // `import { defineConfig } from 'polygate'` is answered from here and never looked up on disk: it works in a checkout without dist/ and in
    // a folder where npx runs us, it can't meet another version of us, and it does not load the gateway a second time.
    virtualModules: { polygate: { defineConfig } },
  });
  try {
    return await jiti.import<Record<string, unknown>>(path);
  } catch (error) {
    throw new ConfigError([explain(error, path)], path);
  }
}

/** A syntax error has its position in the message, any other in its stack. */
function explain(error: unknown, path: string): { path: string; expected: string; found: string } {
  if (!(error instanceof Error)) {
    return { path: '', expected: 'a file that runs', found: `it throws ${describe(error)}` };
  }
  const parse = /^ParseError: (.*?)\s*\n\s*(\S.*:\d+:\d+)/s.exec(error.message);
  if (parse !== null) {
    return {
      path: '',
      expected: 'a file that parses',
      found: `${parse[1]} at ${shorten(parse[2] ?? '', path)}`,
    };
  }
  const [first = ''] = error.message.split('\n');
  const position = positionOf(error);
  const at = position === undefined ? '' : ` at ${shorten(position, path)}`;
  return { path: '', expected: 'a file that runs', found: `${error.name}: ${first}${at}` };
}

/** The innermost file and line of a stack that is the user's: not of Node, a dependency or this file. Columns are those of jiti's output. */
function positionOf(error: Error): string | undefined {
  const own = fileURLToPath(import.meta.url);
  for (const line of (error.stack ?? '').split('\n')) {
    const [, position] =
      /^ {4}at .*?((?:file:\/\/)?(?:\/|[A-Za-z]:\\)[^()]*:\d+):\d+\)?$/.exec(line) ?? [];
    if (position === undefined || position.includes('node_modules') || line.includes('node:'))
      continue;
    return position.includes(own) ? undefined : position;
  }
  return undefined;
}

/** A position in the configuration file by its name alone, one in another file in full. */
function shorten(position: string, path: string): string {
  return position.replace(/^file:\/\//, '').replace(path, basename(path));
}
