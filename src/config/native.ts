/**
 * The quick way to run a configuration file: by Node, which strips its types. It takes 40 ms of the processor for the first file and 4 with
 * Node's compile cache, jiti takes 150. What Node can't do (enums, imports without extension) and whatever fails is left to jiti.
 */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Node never forgets a module that it has loaded, so only one load of a process can be sure to run everything anew. */
let used = false;

/** What the file exports, or undefined where jiti is to run it: then some of it may have run already. */
export async function runNatively(path: string): Promise<Record<string, unknown> | undefined> {
  if (used || typeof registerHooks !== 'function') return undefined;
  used = true;
  const hooks = registerHooks({ resolve: resolveForConfig });
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch {
    // Its messages are about Node; jiti runs the file again and either manages or says what is wrong with it.
    return undefined;
  } finally {
    hooks.deregister();
  }
}

type Resolve = NonNullable<Parameters<typeof registerHooks>[0]['resolve']>;

function resolveForConfig(...[specifier, context, next]: Parameters<Resolve>): ReturnType<Resolve> {
  if (specifier === 'polygate') {
    return { url: new URL(DEFINE, import.meta.url).href, shortCircuit: true };
  }
  const resolved = next(specifier, context);
  const { url, format } = resolved;
  // Without a "type" in its package.json Node guesses what a file is, and warns that guessing is slow.
  if (format !== undefined && format !== null) return resolved;
  if (/\.[cm]?ts$/.test(url)) return { ...resolved, format: 'module-typescript' };
  return url.endsWith('.js') ? { ...resolved, format: 'module' } : resolved;
}

/** Beside this file, with the extension that this file has: it runs from sources and from dist/. */
const DEFINE = import.meta.url.endsWith('.ts') ? './define.ts' : './define.js';
