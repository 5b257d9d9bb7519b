/** The files of a schema as FileDescriptorProtos: as they came, or compiled from text when somebody asks. */
import { bundledProto } from './bundled.ts';
import type { Compiler } from './compile/compiler.ts';
import { SchemaError } from './error.ts';
import type { SchemaFiles } from './model.ts';
import { placeOf } from './parse-error.ts';

export interface SourceText {
  /** What the operator knows it by: its path, or the name where it came along. */
  readonly shown: string;
  readonly text: string;
}

/** Files that came as text, by import name; the map may still grow. */
export function textFiles(texts: ReadonlyMap<string, SourceText>): SchemaFiles {
  const compile = lateCompiler((name) => texts.get(name) ?? bundledText(name));
  return {
    get names() {
      return [...texts.keys()];
    },
    descriptor: compile,
  };
}

/** Files that came as descriptors, and the bundled ones that joined them; the set may still grow. */
export function descriptorFiles(
  originals: ReadonlyMap<string, Uint8Array>,
  names: ReadonlySet<string>,
): SchemaFiles {
  return {
    get names() {
      return [...names];
    },
    descriptor: async (name) => originals.get(name) ?? (await compileBundled(name)),
  };
}

const compileBundled = lateCompiler(bundledText);

function bundledText(name: string): SourceText | undefined {
  const text = bundledProto(name);
  return text === undefined ? undefined : { shown: name, text };
}

/** The compiler is loaded when the first file is asked for: most gateways start and stop without. */
function lateCompiler(
  textOf: (name: string) => SourceText | undefined,
): (name: string) => Promise<Uint8Array> {
  const compiled = new Map<string, Uint8Array>();
  let compiler: Compiler | undefined;
  return async (name) => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const { createCompiler } = await import('./compile/compiler.ts');
    const { CompileError } = await import('./compile/compile-error.ts');
    compiler ??= createCompiler((file) => textOf(file)?.text);
    try {
      const bytes = compiler.compile(name);
      compiled.set(name, bytes);
      return bytes;
    } catch (thrown) {
      if (!(thrown instanceof CompileError)) throw thrown;
      const { file, message, offset } = thrown;
      const { shown = file, text = '' } = textOf(file) ?? {};
      throw new SchemaError([{ message, ...placeOf(shown, text, offset) }], { cause: thrown });
    }
  };
}
