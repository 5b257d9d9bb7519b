/** A reader of the part of the Dockerfile language that ours uses. What it does not know is an error: nothing may be replayed by halves. */

export type Instruction =
  | { readonly kind: 'FROM'; readonly image: string; readonly name: string | undefined }
  | { readonly kind: 'WORKDIR'; readonly path: string }
  | { readonly kind: 'USER'; readonly user: string }
  | { readonly kind: 'EXPOSE'; readonly port: number }
  | { readonly kind: 'ENV'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'COPY';
      /** Another stage; undefined is the build context. */
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly kind: 'RUN'; readonly shell: string }
  | { readonly kind: 'CMD' | 'ENTRYPOINT' | 'HEALTHCHECK'; readonly words: readonly string[] };

/** Throws with the line for an instruction, a flag or a form that is not known. */
export function parseDockerfile(text: string): readonly Instruction[] {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  const lines = joined.split('\n').filter((line) => line.trim() !== '');
  return lines.map(parseLine);
}

/**
 * Whether the build context has `path`, by a .dockerignore whose patterns are `*` or plain paths, each with an optional `!` before it.
 * As Docker does, the last pattern that matches wins, and one that matches a folder matches what is in it.
 */
export function inContext(path: string, ignoreFile: string): boolean {
  let included = true;
  for (const line of ignoreFile.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const pattern = line.replace(/^!/, '');
    if (pattern !== '*' && /[*?[\\]/.test(pattern)) throw new Error(`.dockerignore: ${line}`);
    if (pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)) {
      included = line.startsWith('!');
    }
  }
  return included;
}

/** By name: what follows it to an instruction, or undefined where the form is not known. */
const PARSERS: Readonly<Record<string, (rest: string) => Instruction | undefined>> = {
  FROM: (rest) => {
    const [, image, name] = /^([^\s-]\S*)(?:\s+AS\s+(\w+))?$/.exec(rest) ?? [];
    return image === undefined ? undefined : { kind: 'FROM', image, name };
  },
  WORKDIR: (rest) => (isPlain(rest) ? { kind: 'WORKDIR', path: rest } : undefined),
  USER: (rest) => (isPlain(rest) ? { kind: 'USER', user: rest } : undefined),
  EXPOSE: (rest) => (/^\d+$/.test(rest) ? { kind: 'EXPOSE', port: Number(rest) } : undefined),
  ENV: (rest) => {
    const [, name, value] = /^(\w+)=(\S*)$/.exec(rest) ?? [];
    if (name === undefined || value === undefined || !isPlain(value)) return undefined;
    return { kind: 'ENV', name, value };
  },
  COPY: parseCopy,
  RUN: (rest) => (/^(?:--|\[)/.test(rest) ? undefined : { kind: 'RUN', shell: rest }),
  CMD: (rest) => withWords('CMD', rest),
  ENTRYPOINT: (rest) => withWords('ENTRYPOINT', rest),
  HEALTHCHECK: (rest) => {
    const flags = /^(?:--(?:interval|timeout|start-period|retries)=\w+\s+)*CMD\s+/;
    return flags.test(rest) ? withWords('HEALTHCHECK', rest.replace(flags, '')) : undefined;
  },
};

function parseLine(line: string): Instruction {
  const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
  const instruction = Object.hasOwn(PARSERS, name) ? PARSERS[name]?.(rest) : undefined;
  if (instruction === undefined) throw new Error(`Dockerfile: not known: ${line}`);
  return instruction;
}

/** Neither wildcards nor flags but --from; several files need a folder with a slash at its end, as Docker wants it. */
function parseCopy(rest: string): Instruction | undefined {
  const [, from, files = ''] = /^(?:--from=(\S+)\s+)?([^\s[-].*)$/.exec(rest) ?? [];
  const sources = files.split(/\s+/);
  const target = sources.pop();
  if (target === undefined || sources.length === 0) return undefined;
  if (!isPlain(files) || (sources.length > 1 && !target.endsWith('/'))) return undefined;
  return { kind: 'COPY', from, sources, target };
}

/** The form without a shell: only then does a signal reach the process. */
function withWords(
  kind: 'CMD' | 'ENTRYPOINT' | 'HEALTHCHECK',
  rest: string,
): Instruction | undefined {
  return rest.startsWith('[') ? { kind, words: JSON.parse(rest) as string[] } : undefined;
}

/** Nothing that Docker would expand. */
function isPlain(text: string): boolean {
  return !/[$"'\\*?]/.test(text);
}
