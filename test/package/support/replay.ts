/** Builds an "image" as a folder: COPY copies, RUN runs in a shell, the base image is the Node that runs the tests. */
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, join, posix, relative, resolve, sep } from 'node:path';
import { inContext, type Instruction } from './dockerfile.ts';
import { runWell } from './run.ts';

export interface Image {
  /** The folder that stands for `/`. */
  readonly root: string;
  workdir: string;
  user: string;
  readonly env: Record<string, string>;
  readonly exposed: number[];
  entrypoint: readonly string[];
  cmd: readonly string[];
  healthcheck: readonly string[];
}

export interface BuildOptions {
  /** The folder of the Dockerfile. */
  readonly context: string;
  /** The text of .dockerignore. */
  readonly ignore: string;
  /** An empty folder for the stages. */
  readonly scratch: string;
}

/** Runs every stage and gives the last one. */
export async function build(
  instructions: readonly Instruction[],
  options: BuildOptions,
): Promise<Image> {
  const stages = new Map<string, Image>();
  let image: Image | undefined;
  for (const instruction of instructions) {
    if (instruction.kind === 'FROM') {
      image = startStage(instruction.image, join(options.scratch, `stage-${stages.size}`));
      stages.set(instruction.name ?? `stage-${stages.size}`, image);
    } else if (image === undefined) {
      throw new Error(`${instruction.kind} before the first FROM`);
    } else {
      await apply(instruction, { image, stages, options });
    }
  }
  if (image === undefined) throw new Error('there is no FROM');
  return image;
}

/** A path of the image as a path of this machine. */
export function inImage(image: Image, path: string): string {
  return join(image.root, posix.resolve(image.workdir, path));
}

/** Words of ENTRYPOINT, CMD or HEALTHCHECK with the absolute paths of the image put where they are here. */
export function wordsHere(image: Image, words: readonly string[]): readonly string[] {
  return words.map((word) => {
    const here = join(image.root, word);
    return word.startsWith('/') && existsSync(here) ? here : word;
  });
}

interface Around {
  readonly image: Image;
  readonly stages: ReadonlyMap<string, Image>;
  readonly options: BuildOptions;
}

/** Only the official image of the Node line that the tests run on can be stood in for. */
function startStage(base: string, root: string): Image {
  const [major = ''] = process.versions.node.split('.');
  if (base !== `node:${major}-slim`) throw new Error(`no stand-in for the image ${base}`);
  mkdirSync(root, { recursive: true });
  return {
    root,
    workdir: '/',
    user: 'root',
    env: {},
    exposed: [],
    entrypoint: [],
    cmd: [],
    healthcheck: [],
  };
}

async function apply(
  instruction: Exclude<Instruction, { kind: 'FROM' }>,
  around: Around,
): Promise<void> {
  const { image } = around;
  switch (instruction.kind) {
    case 'WORKDIR':
      image.workdir = posix.resolve(image.workdir, instruction.path);
      mkdirSync(inImage(image, '.'), { recursive: true });
      break;
    case 'USER':
      image.user = instruction.user;
      break;
    case 'EXPOSE':
      image.exposed.push(instruction.port);
      break;
    case 'ENV':
      image.env[instruction.name] = instruction.value;
      break;
    case 'COPY':
      copy(instruction, around);
      break;
    case 'RUN':
      await runWell('sh', ['-c', instruction.shell], { cwd: inImage(image, '.'), env: image.env });
      break;
    case 'CMD':
      image.cmd = instruction.words;
      break;
    case 'ENTRYPOINT':
      image.entrypoint = instruction.words;
      break;
    case 'HEALTHCHECK':
      image.healthcheck = instruction.words;
      break;
  }
}

/** A folder is copied as what it contains, a file into a target that ends in a slash or under the target's name. */
function copy(
  { from, sources, target }: Extract<Instruction, { kind: 'COPY' }>,
  { image, stages, options }: Around,
): void {
  const stage = from === undefined ? undefined : stages.get(from);
  if (from !== undefined && stage === undefined) throw new Error(`there is no stage ${from}`);
  for (const source of sources) {
    const path = stage === undefined ? resolve(options.context, source) : inImage(stage, source);
    const visible = (file: string): boolean =>
      stage !== undefined || visibleInContext(file, options);
    if (!existsSync(path) || !visible(path)) throw new Error(`COPY: there is no ${source}`);
    const intoFolder = target.endsWith('/') && !statSync(path).isDirectory();
    const to = inImage(image, intoFolder ? posix.join(target, basename(path)) : target);
    // npm's links in node_modules/.bin stay relative, so that they still lead into the copy.
    cpSync(path, to, { recursive: true, filter: visible, verbatimSymlinks: true });
  }
}

function visibleInContext(file: string, { context, ignore }: BuildOptions): boolean {
  return inContext(relative(context, file).split(sep).join('/'), ignore);
}
