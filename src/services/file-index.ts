/** The files of all schemas that are offered, found by name, by what they declare and by what they extend. */
import { SchemaError } from '../schema/error.ts';
import type { SchemaFiles } from '../schema/model.ts';
import { type DescribedFile, describeFile } from './described-file.ts';

export interface IndexedFile extends DescribedFile {
  /** Those of its imports that there are. */
  readonly dependencies: readonly IndexedFile[];
}

export interface FileIndex {
  file(name: string): IndexedFile | undefined;
  symbol(name: string): IndexedFile | undefined;
  extension(type: string, number: number): IndexedFile | undefined;
  /** In ascending order; undefined where there is no such type. */
  extensionNumbers(type: string): readonly number[] | undefined;
  /** Why files are missing, one sentence each. */
  readonly problems: readonly string[];
}

/**
 * What may be seen: files that declare one of these services or none at all, with all that they import. A file whose services are not routed
 * is nobody's business. Of two files with one name, or two declarations, the first counts, as it does for calls.
 */
export async function indexFiles(
  schemas: readonly SchemaFiles[],
  services: ReadonlySet<string>,
): Promise<FileIndex> {
  const index = new Index();
  for (const files of schemas) {
    const described = await describeAll(files, index.problems);
    for (const file of described.values()) {
      const offered =
        file.services.length === 0 || file.services.some((service) => services.has(service));
      if (offered) index.add(file, described);
    }
  }
  return index;
}

/** A file that cannot be described is left out, and so is told what is wrong with it. */
async function describeAll(
  files: SchemaFiles,
  problems: string[],
): Promise<ReadonlyMap<string, DescribedFile>> {
  const described = new Map<string, DescribedFile>();
  for (const name of files.names) {
    try {
      described.set(name, describeFile(name, await files.descriptor(name)));
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      problems.push(`${name} cannot be described: ${error.message}`);
    }
  }
  return described;
}

class Index implements FileIndex {
  readonly problems: string[] = [];
  readonly #files = new Map<string, IndexedFile>();
  readonly #symbols = new Map<string, IndexedFile>();
  readonly #extensions = new Map<string, Map<number, IndexedFile>>();
  /** So that a file of a schema is indexed once; files that import each other end here, too. */
  readonly #known = new Map<DescribedFile, IndexedFile>();

  add(file: DescribedFile, schema: ReadonlyMap<string, DescribedFile>): IndexedFile {
    const known = this.#known.get(file);
    if (known !== undefined) return known;
    const dependencies: IndexedFile[] = [];
    const added = this.#same(file) ?? { ...file, dependencies };
    this.#known.set(file, added);
    for (const name of file.imports) {
      const imported = schema.get(name);
      if (imported !== undefined) dependencies.push(this.add(imported, schema));
    }
    if (added.dependencies === dependencies) this.#enter(added);
    return added;
  }

  file(name: string): IndexedFile | undefined {
    return this.#files.get(name);
  }

  symbol(name: string): IndexedFile | undefined {
    return this.#symbols.get(name);
  }

  extension(type: string, number: number): IndexedFile | undefined {
    return this.#extensions.get(type)?.get(number);
  }

  extensionNumbers(type: string): readonly number[] | undefined {
    const numbers = this.#extensions.get(type);
    if (numbers !== undefined) return [...numbers.keys()].toSorted((a, b) => a - b);
    return this.#symbols.has(type) ? [] : undefined;
  }

  /** The same file in another schema is one file, so that a stream sends it once. */
  #same({ name, bytes }: DescribedFile): IndexedFile | undefined {
    const other = this.#files.get(name);
    return other !== undefined && Buffer.compare(other.bytes, bytes) === 0 ? other : undefined;
  }

  #enter(file: IndexedFile): void {
    keepFirst(this.#files, file.name, file);
    for (const symbol of file.symbols) keepFirst(this.#symbols, symbol, file);
    for (const { type, number } of file.extensions) {
      const numbers = this.#extensions.get(type) ?? new Map<number, IndexedFile>();
      this.#extensions.set(type, numbers);
      keepFirst(numbers, number, file);
    }
  }
}

function keepFirst<Key>(map: Map<Key, IndexedFile>, key: Key, file: IndexedFile): void {
  if (!map.has(key)) map.set(key, file);
}
