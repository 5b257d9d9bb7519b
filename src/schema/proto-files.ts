/** `.proto` files and their imports, as protoc would find them. */
import { existsSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import type protobuf from 'protobufjs';
import { bundledProto, readOptional } from './bundled.ts';
import { declarationsOf, fileOf, newRoot } from './collected.ts';
import type { Annotation, Collected, Place } from './collected.ts';
import type { SchemaProblem } from './error.ts';
import { reasonOf, SchemaError } from './error.ts';
import { annotationOfOptions } from './http-option.ts';
import { type SourceText, textFiles } from './files.ts';
import { escapeRegExp, placeOf } from './parse-error.ts';
import { parseProto } from './parse-proto.ts';
import type { ProtoFilesSource } from './source.ts';

interface ProtoText extends SourceText {
  /** The name that an import gives it, as `google/api/http.proto`. */
  readonly name: string;
  readonly bundled: boolean;
}

/** Reads and parses the files and everything that they import. Paths start at `directory`. */
export function collectProtoFiles(source: ProtoFilesSource, directory: string): Collected {
  const importPaths = (source.importPaths ?? []).map((path) => resolve(directory, path));
  const reader = new ProtoReader(importPaths, directory);
  const wanted = source.protos.map((path) => reader.addEntry(path));
  for (const name of wanted) if (name !== undefined) reader.follow(name);
  if (reader.problems.length > 0) throw new SchemaError(reader.problems);
  const entries = new Set(wanted);
  const { root, files } = reader;
  return {
    root,
    annotations: readAnnotations(root, files),
    missing: reader.missing,
    exposes: (_service, file) => entries.has(file) || files.get(file)?.bundled !== true,
    locate: (file, declaration) => locate(files, file, declaration),
    searched: [...(source.importPaths ?? []), 'the files that come along'].join(', '),
    files: textFiles(files),
    problems: [],
    warnings: [],
  };
}

/** The state of one load: what was read, what was missing, what did not parse. */
class ProtoReader {
  readonly root: protobuf.Root = newRoot();
  readonly files: Map<string, ProtoText> = new Map();
  readonly missing: Collected['missing'] = [];
  readonly problems: SchemaProblem[] = [];
  readonly #importPaths: string[];
  readonly #directory: string;

  constructor(importPaths: readonly string[], directory: string) {
    this.#importPaths = [...importPaths];
    this.#directory = directory;
  }

  /** The import name of a file that the operator listed. A path under no import path makes its own folder one, after the others. */
  addEntry(path: string): string | undefined {
    const absolute = resolve(this.#directory, path);
    if (!existsSync(absolute)) {
      if (!isAbsolute(path) && this.#read(path) !== undefined) return path;
      this.problems.push({ message: 'no such file', file: path });
      return undefined;
    }
    const parents = this.#importPaths.filter((parent) => absolute.startsWith(parent + sep));
    // The longest: with nested import paths the shorter name is the one that imports use.
    const parent = parents.sort((left, right) => right.length - left.length)[0];
    if (parent !== undefined) return relative(parent, absolute).split(sep).join('/');
    this.#importPaths.push(dirname(absolute));
    return basename(absolute);
  }

  /** Reads and parses a file by its import name and all that it imports; an import that is not there is kept in `missing`. */
  follow(entry: string): void {
    const waiting: { name: string; importer: ProtoText | undefined }[] = [
      { name: entry, importer: undefined },
    ];
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (this.files.has(next.name)) continue;
      const file = this.#read(next.name);
      if (file === undefined) {
        if (next.importer !== undefined) this.#noteMissing(next.importer, next.name);
        continue;
      }
      this.files.set(file.name, file);
      const parsed = parseProto(this.root, file.name, file.text);
      if ('message' in parsed) {
        this.problems.push({ ...parsed, file: file.shown });
        continue;
      }
      for (const name of parsed.imports) waiting.push({ name, importer: file });
    }
  }

  #read(name: string): ProtoText | undefined {
    try {
      return this.#find(name);
    } catch (thrown) {
      this.problems.push({ message: `cannot be read: ${reasonOf(thrown)}`, file: name });
      return undefined;
    }
  }

  #find(name: string): ProtoText | undefined {
    for (const importPath of this.#importPaths) {
      const path = resolve(importPath, name);
      const text = readOptional(path);
      if (text !== undefined) return { name, shown: this.#shown(path), text, bundled: false };
    }
    const text = bundledProto(name);
    return text === undefined ? undefined : { name, shown: name, text, bundled: true };
  }

  #shown(path: string): string {
    const fromHere = relative(this.#directory, path);
    return fromHere.startsWith('..') ? path : fromHere;
  }

  #noteMissing(importer: ProtoText, name: string): void {
    const at = new RegExp(`import\\s+(?:\\w+\\s+)?["']${escapeRegExp(name)}["']`).exec(
      importer.text,
    );
    const place = placeOf(importer.shown, importer.text, at?.index ?? 0);
    this.missing.push({ importer: importer.name, name, place });
  }
}

/** The http option of every method below `root`; the others have none. */
function readAnnotations(
  root: protobuf.Root,
  files: ReadonlyMap<string, ProtoText>,
): Map<string, Annotation> {
  const annotations = new Map<string, Annotation>();
  for (const [scope, service] of declarationsOf(root).services) {
    for (const method of service.methodsArray) {
      const name = `${scope}.${method.name}`;
      const rule = annotationOfOptions(method.parsedOptions, scope);
      if (rule === undefined) continue;
      const file = fileOf(method);
      annotations.set(name, { rule, file, place: () => locate(files, file, name) });
    }
  }
  return annotations;
}

/** Where `declaration` (a full name) stands: its last two names are looked for in order, so that equal names of other services do not match. */
function locate(files: ReadonlyMap<string, ProtoText>, name: string, declaration: string): Place {
  const file = files.get(name);
  if (file === undefined) return { file: name };
  const path = declaration.split('.').slice(-2);
  let offset = 0;
  for (const part of path) {
    const pattern = new RegExp(
      `\\b(?:message|enum|service|rpc|oneof|group)\\s+(?=${escapeRegExp(part)}\\b)|\\b(?=${escapeRegExp(part)}\\s*=)`,
      'g',
    );
    pattern.lastIndex = offset;
    const match = pattern.exec(file.text);
    if (match !== null) offset = match.index + match[0].length;
  }
  return offset === 0 ? { file: file.shown } : placeOf(file.shown, file.text, offset);
}
