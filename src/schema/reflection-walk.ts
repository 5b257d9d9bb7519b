/** From the list of services to every file that they need, asked from a server that may be wrong, hostile or gone by the next question. */
import { nearest } from '../lib/nearest.ts';
import { IDENTIFIER } from './collected.ts';
import { decodeFile } from './descriptors.ts';
import type { DescriptorFile } from './descriptors.ts';
import { reasonOf } from './error.ts';
import type { ReflectionAnswer, ReflectionQuestion } from './reflection-stream.ts';

export interface WalkLimits {
  readonly maxFiles: number;
  readonly maxServices: number;
}

export interface ReflectedFiles {
  /** What is served, without the reflection service itself. */
  readonly services: ReadonlySet<string>;
  readonly files: ReadonlyMap<string, DescriptorFile>;
  readonly warnings: readonly string[];
}

/** Asks one question. Its own rejections pass through. */
export type Ask = (question: ReflectionQuestion) => Promise<ReflectionAnswer>;

/** google.rpc.Code.NOT_FOUND. */
const NOT_FOUND = 5;

/** Throws an Error that says in which way an answer is wrong; the caller adds whose it was. */
export async function walkReflection(ask: Ask, limits: WalkLimits): Promise<ReflectedFiles> {
  return new Walk(ask, limits).run();
}

class Walk {
  readonly #ask: Ask;
  readonly #limits: WalkLimits;
  readonly #files = new Map<string, DescriptorFile>();
  readonly #declared = new Set<string>();
  readonly #warnings: string[] = [];

  constructor(ask: Ask, limits: WalkLimits) {
    this.#ask = ask;
    this.#limits = limits;
  }

  async run(): Promise<ReflectedFiles> {
    const services = new Set<string>();
    for (const name of await this.#list()) if (await this.#describe(name)) services.add(name);
    await this.#followImports();
    if (services.size === 0)
      this.#warnings.push('the server lists no service that it can describe');
    return { services, files: this.#files, warnings: this.#warnings };
  }

  async #list(): Promise<string[]> {
    const answer = await this.#ask({ list_services: '*' });
    const listed = answer.list_services_response?.service;
    if (answer.list_services_response === undefined) {
      throw new Error(`no list of services: ${describeAnswer(answer)}`);
    }
    const names = [...new Set((listed ?? []).map((service) => service.name ?? ''))];
    if (names.length > this.#limits.maxServices) {
      throw new Error(`more than ${this.#limits.maxServices} services`);
    }
    for (const name of names) {
      if (!name.split('.').every((part) => IDENTIFIER.test(part))) {
        throw new Error(`a service cannot be named ${clip(name)}`);
      }
    }
    return names.filter((name) => !name.startsWith('grpc.reflection.'));
  }

  /** Reads the file that declares a service; false where the server says that it does not know it. */
  async #describe(service: string): Promise<boolean> {
    if (this.#declared.has(service)) return true;
    const answer = await this.#ask({ file_containing_symbol: service });
    if (answer.error_response !== undefined) {
      this.#warnings.push(
        `the server lists ${service}, but cannot describe it (${describeAnswer(answer)}); it is left out`,
      );
      return false;
    }
    const names = this.#addFiles(answer, service);
    if (!this.#declared.has(service)) {
      const meant = nearest(service, this.#declared);
      const instead = meant === undefined ? '' : `, only ${meant}`;
      throw new Error(
        `asked for ${service}, answered ${clip(names.join(', '))}, which does not declare it${instead}`,
      );
    }
    return true;
  }

  /** Asks for every import that no answer has brought yet. One that the server does not have is left to the caller. */
  async #followImports(): Promise<void> {
    const asked = new Set<string>();
    // The map grows while it is walked, which Map allows.
    for (const file of this.#files.values()) {
      for (const name of file.imports) {
        if (this.#files.has(name) || asked.has(name)) continue;
        asked.add(name);
        if (asked.size > this.#limits.maxFiles) this.#tooMany();
        await this.#fetch(name);
      }
    }
  }

  async #fetch(name: string): Promise<void> {
    const answer = await this.#ask({ file_by_filename: name });
    if (answer.error_response?.error_code === NOT_FOUND) return;
    if (answer.error_response !== undefined) {
      throw new Error(`asked for ${clip(name)}, answered ${describeAnswer(answer)}`);
    }
    const names = this.#addFiles(answer, name);
    if (!names.includes(name)) {
      throw new Error(`asked for ${clip(name)}, answered ${clip(names.join(', '))}`);
    }
  }

  /** Keeps the first file of each name; the names of all in the answer are returned. */
  #addFiles(answer: ReflectionAnswer, asked: string): string[] {
    const protos = answer.file_descriptor_response?.file_descriptor_proto;
    if (protos === undefined || protos.length === 0) {
      throw new Error(`asked for ${clip(asked)}, answered no file: ${describeAnswer(answer)}`);
    }
    return protos.map((bytes) => {
      const file = decode(bytes, asked);
      if (!this.#files.has(file.name)) this.#add(file);
      return file.name;
    });
  }

  #add(file: DescriptorFile): void {
    this.#files.set(file.name, file);
    if (this.#files.size > this.#limits.maxFiles) this.#tooMany();
    const scope = file.proto.package ?? '';
    for (const service of file.proto.service ?? []) {
      this.#declared.add(scope === '' ? (service.name ?? '') : `${scope}.${service.name ?? ''}`);
    }
  }

  #tooMany(): never {
    throw new Error(`more than ${this.#limits.maxFiles} files; are the imports endless?`);
  }
}

function decode(bytes: Uint8Array, asked: string): DescriptorFile {
  try {
    return decodeFile(bytes);
  } catch (thrown) {
    throw new Error(
      `asked for ${clip(asked)}, answered what is no file descriptor: ${reasonOf(thrown)}`,
      {
        cause: thrown,
      },
    );
  }
}

function describeAnswer(answer: ReflectionAnswer): string {
  const { error_response: error } = answer;
  if (error !== undefined)
    return `error ${error.error_code ?? 0}: ${clip(error.error_message ?? '')}`;
  if (answer.list_services_response !== undefined) return 'a list of services';
  return answer.file_descriptor_response === undefined ? 'an empty answer' : 'files';
}

/** A stranger's text in a message for people. */
function clip(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
