/**
 * Part of `npm run check`; with `--write` it repairs what it finds. A registry that mirrors only some platforms makes `npm install` leave the
 * packages of the others out of package-lock.json, and `npm ci` then refuses the file everywhere. Each optional package has an entry, with the
 * platform that its name says; one that was added here has no integrity hash until npm writes it.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface Entry {
  version?: string;
  resolved?: string;
  dev?: boolean;
  optional?: boolean;
  optionalDependencies?: Readonly<Record<string, string>>;
  os?: readonly string[];
  cpu?: readonly string[];
  libc?: readonly string[];
}

interface Lock {
  packages: Record<string, Entry>;
}

const FILE = 'package-lock.json';
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as Lock;
const missing = missingEntries(lock);
const resolved = Object.keys(lock.packages).filter((path) => lock.packages[path]?.resolved);

if (process.argv.includes('--write')) {
  Object.assign(lock.packages, missing);
  const [root, ...others] = Object.entries(lock.packages);
  const sorted = others.toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([root ?? [], ...sorted]);
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
} else {
  for (const path of Object.keys(missing)) console.error(`${FILE} lacks ${path}`);
  for (const path of resolved) console.error(`${FILE} names a registry for ${path}`);
  if (Object.keys(missing).length > 0)
    console.error('node scripts/check-lock.ts --write adds them');
  process.exitCode = Object.keys(missing).length + resolved.length === 0 ? 0 : 1;
}
console.log(`lock: ${Object.keys(lock.packages).length} packages`);

function missingEntries({ packages }: Lock): Record<string, Entry> {
  const found: Record<string, Entry> = {};
  for (const parent of Object.values(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`;
      if (path in packages) continue;
      if (!/^\d/.test(version)) throw new Error(`${name} has no exact version: ${version}`);
      found[path] = {
        version,
        ...(parent.dev && { dev: true }),
        optional: true,
        ...platform(name),
      };
    }
  }
  return found;
}

/** As in `@scope/binding-linux-arm64-musl`. */
function platform(name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> {
  const words = name.split(/[-/.]/);
  const system = SYSTEMS.find((one) => words.includes(one));
  const processor = words.includes('gnueabihf') || words.includes('musleabihf') ? 'arm' : undefined;
  const cpu = processor ?? PROCESSORS.find((one) => words.includes(one));
  if (cpu === undefined || (system === undefined && cpu !== 'wasm32')) {
    throw new Error(`the name ${name} says no platform`);
  }
  const gnu = words.some((word) => word.startsWith('gnu'));
  const musl = words.some((word) => word.startsWith('musl'));
  return {
    ...(gnu && { libc: ['glibc'] }),
    ...(musl && { libc: ['musl'] }),
    cpu: [cpu],
    ...(system !== undefined && { os: [system] }),
  };
}
