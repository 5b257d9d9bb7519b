/** Runs the linter with the repository's own configuration over planted files, in a folder of their own. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Finding {
  /** As `eslint(no-restricted-imports)`. */
  readonly rule: string;
  readonly help: string;
}

const repository = fileURLToPath(new URL('../../', import.meta.url));

interface Diagnostic {
  readonly code: string;
  readonly help?: string;
  readonly filename: string;
}

/**
 * Lints `files` (path to content) as if they were the whole repository.
 * @returns the findings by path; a file without findings is missing
 */
export function lint(files: Iterable<readonly [string, string]>): Map<string, Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'polygate-layers-'));
  try {
    for (const name of ['.oxlintrc.json', 'tsconfig.json', 'package.json']) {
      cpSync(join(repository, name), join(folder, name));
    }
    symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'), 'dir');
    let count = 0;
    for (const [path, content] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
      count++;
    }
    return byFile(run(folder, count), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, count: number): readonly Diagnostic[] {
  const oxlint = join(repository, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [oxlint, '--type-aware', '--format=json', 'src'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  );
  const report = parse(stdout, stderr);
  // A linter that looked at nothing would find nothing, and every test here would be green for the wrong reason.
  if (report.number_of_files !== count) {
    throw new Error(`oxlint looked at ${report.number_of_files} of ${count} files: ${stderr}`);
  }
  return report.diagnostics;
}

function parse(
  stdout: string,
  stderr: string,
): { number_of_files: number; diagnostics: Diagnostic[] } {
  try {
    return JSON.parse(stdout) as ReturnType<typeof parse>;
  } catch (cause) {
    throw new Error(`oxlint did not answer in JSON: ${stdout.slice(0, 500)} ${stderr}`, { cause });
  }
}

function byFile(diagnostics: readonly Diagnostic[], folder: string): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const { code, help, filename } of diagnostics) {
    const path = relative(folder, resolve(folder, filename));
    const list = found.get(path) ?? [];
    list.push({ rule: code, help: help ?? '' });
    found.set(path, list);
  }
  return found;
}
