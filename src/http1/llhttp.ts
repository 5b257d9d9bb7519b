/**
 * llhttp, the parser of Node's own HTTP/1.1, as the WebAssembly module that undici ships. Strict: no lenient flag is ever set. All parsers
 * of the process share one memory and one area that a chunk is copied to while it is parsed; what came of it stands in {@link parsed}.
 */
import { createRequire } from 'node:module';

/** What is needed of a global that Node has and its types have only for browsers. */
interface WebAssemblyNamespace {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize?(): void;
  malloc(bytes: number): number;
  free(pointer: number): void;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_reset(parser: number): void;
  llhttp_execute(parser: number, at: number, length: number): number;
  llhttp_resume(parser: number): void;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
}

/** A pointer to a request parser. */
export type Parser = number & { readonly parser: true };

/** What the last {@link execute} has seen; overwritten by the next one of any parser. */
export interface Parsed {
  /** Of each field four places in the bytes: its name from and to, its value from and to. Names and values in one piece only if the head was. */
  readonly spans: Int32Array;
  /** How many fields; more than {@link MAX_FIELDS} are counted but not kept. */
  fields: number;
  /** Places of the body: from, to, from, to. */
  readonly body: number[];
  headEnded: boolean;
  messageEnded: boolean;
  /** llhttp's words for what is wrong; set where `execute` gave -1. */
  reason: string;
}

export const MAX_FIELDS = 2_000;
export const parsed: Parsed = {
  spans: new Int32Array(MAX_FIELDS * 4),
  fields: 0,
  body: [],
  headEnded: false,
  messageEnded: false,
  reason: '',
};

const REQUEST = 1;
const PAUSED = 21;
/** A socket's chunk fits. */
const AREA_BYTES = 65_536;
const MAX_FREE_PARSERS = 32;

/** From a place in the memory to one in the bytes that are parsed. */
let shift = 0;
const IMPORTS = {
  env: {
    wasm_on_message_begin: () => 0,
    wasm_on_url: () => 0,
    wasm_on_status: () => 0,
    wasm_on_header_field(_parser: number, at: number, length: number): number {
      const field = parsed.fields++;
      if (field < MAX_FIELDS) {
        parsed.spans[field * 4] = at - shift;
        parsed.spans[field * 4 + 1] = at - shift + length;
      }
      return 0;
    },
    wasm_on_header_value(_parser: number, at: number, length: number): number {
      const field = parsed.fields - 1;
      if (field < MAX_FIELDS) {
        parsed.spans[field * 4 + 2] = at - shift;
        parsed.spans[field * 4 + 3] = at - shift + length;
      }
      return 0;
    },
    wasm_on_headers_complete(): number {
      parsed.headEnded = true;
      return PAUSED;
    },
    wasm_on_body(_parser: number, at: number, length: number): number {
      parsed.body.push(at - shift, at - shift + length);
      return 0;
    },
    wasm_on_message_complete(): number {
      parsed.messageEnded = true;
      return PAUSED;
    },
  },
};

const llhttp: Exports = load();
let areaBytes = AREA_BYTES;
let area = llhttp.malloc(areaBytes);
let memory = Buffer.from(llhttp.memory.buffer);
const freeParsers: Parser[] = [];

/** A parser at the start of a message. Whoever takes one gives it back. */
export function takeParser(): Parser {
  const parser = freeParsers.pop() ?? (llhttp.llhttp_alloc(REQUEST) as Parser);
  llhttp.llhttp_reset(parser);
  return parser;
}

export function returnParser(parser: Parser): void {
  if (freeParsers.length < MAX_FREE_PARSERS) freeParsers.push(parser);
  else llhttp.llhttp_free(parser);
}

export function resetParser(parser: Parser): void {
  llhttp.llhttp_reset(parser);
}

/**
 * Parses `bytes` from `from` to `to`, and stops behind a head and behind a message. Gives the place up to which it has read,
 * or -1 where the bytes are no HTTP; such a parser must be reset.
 */
export function execute(parser: Parser, bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  if (length > areaBytes) growArea(length);
  // A memory that has grown has a new buffer.
  if (memory.buffer !== llhttp.memory.buffer) memory = Buffer.from(llhttp.memory.buffer);
  bytes.copy(memory, area, from, to);
  shift = area - from;
  parsed.fields = 0;
  parsed.body.length = 0;
  parsed.headEnded = false;
  parsed.messageEnded = false;
  const code = llhttp.llhttp_execute(parser, area, length);
  if (code === 0) return to;
  if (code === PAUSED) {
    const at = llhttp.llhttp_get_error_pos(parser) - shift;
    llhttp.llhttp_resume(parser);
    return at;
  }
  parsed.reason = textAt(llhttp.llhttp_get_error_reason(parser));
  return -1;
}

function growArea(bytes: number): void {
  llhttp.free(area);
  areaBytes = bytes;
  area = llhttp.malloc(bytes);
}

function textAt(pointer: number): string {
  const bytes = Buffer.from(llhttp.memory.buffer);
  return bytes.toString('latin1', pointer, bytes.indexOf(0, pointer));
}

function load(): Exports {
  const require = createRequire(import.meta.url);
  const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly') as WebAssemblyNamespace;
  let failure: unknown;
  for (const file of ['llhttp_simd-wasm.js', 'llhttp-wasm.js']) {
    try {
      const wasm = require(`undici/lib/llhttp/${file}`) as Uint8Array;
      const loaded = new Instance(new Module(wasm), IMPORTS).exports as Exports;
      loaded._initialize?.();
      return loaded;
    } catch (error) {
      // Without SIMD on this machine the first one does not compile; the second one is the same parser.
      failure = error;
    }
  }
  throw new Error(
    'the HTTP/1.1 parser cannot be loaded: undici/lib/llhttp/llhttp-wasm.js is not what this version of polygate expects of the package undici',
    { cause: failure },
  );
}
