/**
 * The runner is linked against glibc 2.38. Where the machine's is older, the libraries of a newer Debian are unpacked into a folder and the
 * runner is started through their loader; nothing is installed on the system.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../lib/unavailable.ts';

const NEEDED_MINOR = 38;
const SUITE = 'trixie';
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** The command that starts `binary`, with its arguments to come. Throws {@link Unavailable} where no libraries can be had. */
export function commandFor(binary: string, cache: string): readonly string[] {
  if (process.platform !== 'linux' || glibcMinor() >= NEEDED_MINOR) return [binary];
  const root = join(cache, `libc-${SUITE}`);
  if (!existsSync(root)) unpack(root);
  const loader = join(root, 'usr/lib64/ld-linux-x86-64.so.2');
  return [loader, '--library-path', join(root, 'usr/lib/x86_64-linux-gnu'), binary];
}

/** 36 of glibc 2.36; -1 where node runs with another C library. */
function glibcMinor(): number {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const version = /^2\.(\d+)/.exec(report.header?.glibcVersionRuntime ?? '');
  return version === null ? -1 : Number(version[1]);
}

function unpack(root: string): void {
  const work = `${root}.new`;
  rmSync(work, { recursive: true, force: true });
  const debs = join(work, 'debs');
  for (const folder of [debs, join(work, 'state/lists/partial'), join(work, 'cache')]) {
    mkdirSync(folder, { recursive: true });
  }
  const sources = join(work, 'debian.sources');
  const signed = existsSync(KEYRING) ? `Signed-By: ${KEYRING}\n` : '';
  writeFileSync(
    sources,
    `Types: deb\nURIs: ${mirror()}\nSuites: ${SUITE}\nComponents: main\n${signed}`,
  );
  const options = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State=${join(work, 'state')}`,
    `Dir::Cache=${join(work, 'cache')}`,
    'Dir::State::status=/var/lib/dpkg/status',
    'APT::Sandbox::User=',
  ].flatMap((option) => ['-o', option]);
  run('apt-get', [...options, '--quiet', 'update'], debs);
  const wanted = PACKAGES.map((name) => `${name}/${SUITE}`);
  run('apt-get', [...options, '--quiet', 'download', ...wanted], debs);
  for (const deb of readdirSync(debs)) run('dpkg', ['-x', deb, join(work, 'root')], debs);
  renameSync(join(work, 'root'), root);
  rmSync(work, { recursive: true, force: true });
}

/** The mirror that this machine takes Debian from, as its own configuration of apt says. */
function mirror(): string {
  const format = '$(LABEL) $(REPO_URI)';
  const targets = run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], '/');
  const debian = targets.split('\n').find((line) => line.startsWith('Debian '));
  if (debian === undefined) {
    throw new Unavailable(
      `it needs glibc 2.${NEEDED_MINOR}, and apt knows no Debian mirror to take it from`,
    );
  }
  return debian.slice('Debian '.length);
}

function run(command: string, args: readonly string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 300_000 });
  if (result.status !== 0) {
    const reason = result.error?.message ?? result.stderr;
    throw new Unavailable(
      `it needs glibc 2.${NEEDED_MINOR}, and ${command} ${args.at(-1) ?? ''} failed: ${reason}`,
    );
  }
  return result.stdout;
}
