/** Part of `npm run check`: nothing in the repository that is true on one machine only, and no secret. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';

interface Rule {
  readonly what: string;
  readonly pattern: RegExp | string;
}

const OWN_PATH = 'scripts/check-hygiene.ts';

const RULES: readonly Rule[] = [
  {
    what: 'an absolute path of one machine',
    pattern: /(?<![\w./-])(?:\/(?:home|root|Users|work)\/[\w.-]+|[A-Z]:\\Users\\)/,
  },
  {
    what: 'the host of a package registry',
    pattern: /\b(?:registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|files\.pythonhosted\.org)\b/,
  },
  {
    what: 'a private key',
    pattern: /-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}(?:\\n|\s)+[\w+/]{40}/,
  },
];

const files = filesToCheck().filter((file) => file !== OWN_PATH);
const rules = [...RULES, ...rulesOfThisMachine()];
let problems = 0;
for (const file of files) {
  const text = readFileSync(file, 'latin1');
  for (const { what, pattern } of rules) {
    const at = typeof pattern === 'string' ? text.indexOf(pattern) : text.search(pattern);
    if (at < 0) continue;
    problems++;
    const line = text.slice(0, at).split('\n').length;
    console.error(`${file}:${line}: ${what}: ${text.slice(at, at + 80).split('\n')[0]}`);
  }
}
console.log(`hygiene: ${files.length} files, ${problems} problems`);
process.exitCode = problems === 0 ? 0 : 1;

/** Tracked files and those that would be added; one that was deleted but not yet committed is neither. */
function filesToCheck(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(file));
}

/** A path of one segment, as /app, says too little to look for. */
function rulesOfThisMachine(): readonly Rule[] {
  const rules: Rule[] = [];
  const isDeep = (path: string): boolean => path.split(/[/\\]/).filter(Boolean).length > 1;
  if (isDeep(process.cwd()))
    rules.push({ what: 'the path of the checkout', pattern: process.cwd() });
  if (isDeep(homedir())) rules.push({ what: 'the home folder', pattern: homedir() });
  const registry = process.env['npm_config_registry'];
  if (registry !== undefined && URL.canParse(registry)) {
    rules.push({ what: 'the registry of this machine', pattern: new URL(registry).host });
  }
  return rules;
}
