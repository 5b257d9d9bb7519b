/** From the words behind `polygate` to a command, or a UsageError in words that name what was probably meant. */
import { parseArgs } from 'node:util';
import { configFromAddress, type AddressOptions } from '../config/from-address.ts';
import type { Overrides } from '../config/override.ts';
import { nearest } from '../lib/nearest.ts';

/** Where the configuration comes from. */
export type ConfigSource =
  | { readonly kind: 'file'; readonly file: string | undefined }
  | { readonly kind: 'address'; readonly address: string; readonly options: AddressOptions };

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'serve'; readonly source: ConfigSource; readonly overrides: Overrides }
  | { readonly kind: 'check' | 'routes'; readonly source: ConfigSource; readonly json: boolean }
  | {
      readonly kind: 'explain';
      readonly source: ConfigSource;
      readonly json: boolean;
      readonly verb: string;
      readonly url: string;
      /** The body, in JSON. */
      readonly data: string | undefined;
    };

/** A command line that means nothing; exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const COMMANDS = ['serve', 'check', 'routes', 'explain', 'help'] as const;
type CommandName = (typeof COMMANDS)[number];

interface OptionRule {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly multiple?: boolean;
  /** The commands that take it; all where left out. */
  readonly commands?: readonly CommandName[];
  /** It describes an upstream that is given as an address. */
  readonly ofAddress?: boolean;
}

const OPTIONS: Readonly<Record<string, OptionRule>> = {
  config: { type: 'string', short: 'c' },
  host: { type: 'string', commands: ['serve'] },
  port: { type: 'string', short: 'p', commands: ['serve'] },
  'admin-port': { type: 'string', commands: ['serve'] },
  proto: { type: 'string', multiple: true, ofAddress: true },
  'import-path': { type: 'string', multiple: true, ofAddress: true },
  'descriptor-set': { type: 'string', ofAddress: true },
  rules: { type: 'string', ofAddress: true },
  data: { type: 'string', short: 'd', commands: ['explain'] },
  json: { type: 'boolean', commands: ['check', 'routes', 'explain'] },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
};

/** The options that were given, by name, each with all of its values, and the words that are none. */
interface Words {
  readonly given: ReadonlyMap<string, readonly string[]>;
  readonly positionals: readonly string[];
}

/** Throws a {@link UsageError}. */
export function parseCommand(argv: readonly string[]): Command {
  const words = readWords(argv);
  if (words.given.has('help') || words.positionals[0] === 'help') return { kind: 'help' };
  if (words.given.has('version')) return { kind: 'version' };
  const { name, rest, address } = readPositionals(words.positionals);
  refuseMisplaced(words.given, name, address);
  const source = readSource(words.given, address);
  const json = words.given.has('json');
  if (name === 'explain') {
    const data = words.given.get('data')?.[0];
    return { kind: 'explain', source, json, ...readRequest(rest), data };
  }
  const [unexpected] = rest;
  if (unexpected !== undefined) {
    throw new UsageError(`${name} takes no further word, found ${quoted(unexpected)}`);
  }
  if (name === 'serve') return { kind: 'serve', source, overrides: readOverrides(words.given) };
  return { kind: name, source, json };
}

function readWords(argv: readonly string[]): Words {
  const { tokens } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    // Its own messages name neither the nearest option nor what would be right.
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const { name, rawName } = token;
    const value = readValue(token);
    const values = given.get(name);
    if (values === undefined) given.set(name, [value]);
    else if (OPTIONS[name]?.multiple === true) values.push(value);
    else throw new UsageError(`${rawName} is given more than once`);
  }
  return { given, positionals };
}

/** The value of an option of {@link OPTIONS}; empty for one that takes none. */
function readValue(token: {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}): string {
  const { name, rawName, value, inlineValue } = token;
  const rule = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (rule === undefined) {
    const near = nearest(name, Object.keys(OPTIONS));
    const hint = near === undefined ? '; --help lists them' : `; did you mean --${near}?`;
    throw new UsageError(`there is no option ${rawName}${hint}`);
  }
  if (rule.type === 'boolean') {
    if (value !== undefined)
      throw new UsageError(`${rawName} takes no value, found ${quoted(value)}`);
    return '';
  }
  if (value === undefined || value === '') throw new UsageError(`${rawName} needs a value`);
  if (inlineValue === false && value.startsWith('-')) {
    throw new UsageError(
      `${rawName} needs a value, found ${quoted(value)} (write ${rawName}=${value} if that is it)`,
    );
  }
  return value;
}

interface Positionals {
  readonly name: Exclude<CommandName, 'help'>;
  readonly rest: readonly string[];
  readonly address: string | undefined;
}

/** The address may stand anywhere; the first other word is the command, by default `serve`. */
function readPositionals(positionals: readonly string[]): Positionals {
  const addresses = positionals.filter(isAddress);
  const [address, second] = addresses;
  if (second !== undefined) {
    throw new UsageError(`one address at most, found ${addresses.join(' and ')}`);
  }
  const [name = 'serve', ...rest] = positionals.filter((word) => !isAddress(word));
  if (!isCommand(name)) throw new UsageError(unknownCommand(name));
  if (address !== undefined) refuseBadAddress(address);
  return { name, rest, address };
}

function isAddress(word: string): boolean {
  return /^grpcs?:\/\//i.test(word);
}

function isCommand(word: string): word is Exclude<CommandName, 'help'> {
  return word !== 'help' && COMMANDS.some((command) => command === word);
}

function unknownCommand(word: string): string {
  if (/^[^/\s]+:\d+$/.test(word))
    return `${quoted(word)} is no command; did you mean grpc://${word}?`;
  const near = nearest(word, COMMANDS);
  const hint = near === undefined ? `expected ${COMMANDS.join(', ')}` : `did you mean ${near}?`;
  return `there is no command ${quoted(word)}; ${hint}`;
}

function refuseBadAddress(address: string): void {
  try {
    configFromAddress(address);
  } catch {
    throw new UsageError(
      `expected grpc://HOST:PORT or grpcs://HOST:PORT, found ${quoted(address)}`,
    );
  }
}

/** An option that would do nothing is a misunderstanding; better said than ignored. */
function refuseMisplaced(
  given: Words['given'],
  name: CommandName,
  address: string | undefined,
): void {
  for (const option of given.keys()) {
    const { commands, ofAddress } = OPTIONS[option] ?? {};
    if (commands !== undefined && !commands.includes(name)) {
      throw new UsageError(`--${option} goes with ${commands.join(', ')}, not with ${name}`);
    }
    if (ofAddress === true && address === undefined) {
      throw new UsageError(
        `--${option} describes an upstream that is given as grpc://HOST:PORT; in a configuration it stands at the upstream`,
      );
    }
  }
  if (address !== undefined && given.has('config')) {
    throw new UsageError(
      `either --config or ${address}: with an address there is no configuration`,
    );
  }
  if (given.has('proto') && given.has('descriptor-set')) {
    throw new UsageError('either --proto or --descriptor-set, not both');
  }
  if (given.has('import-path') && !given.has('proto')) {
    throw new UsageError('--import-path is for the imports of --proto, which is not given');
  }
}

function readSource(given: Words['given'], address: string | undefined): ConfigSource {
  if (address === undefined) return { kind: 'file', file: given.get('config')?.[0] };
  const protos = given.get('proto');
  const importPaths = given.get('import-path');
  const descriptorSet = given.get('descriptor-set')?.[0];
  const rules = given.get('rules')?.[0];
  const options = {
    ...(protos !== undefined && { protos }),
    ...(importPaths !== undefined && { importPaths }),
    ...(descriptorSet !== undefined && { descriptorSet }),
    ...(rules !== undefined && { rules }),
  };
  return { kind: 'address', address, options };
}

function readOverrides(given: Words['given']): Overrides {
  const host = given.get('host')?.[0];
  const port = readPort(given, 'port');
  const adminPort = readPort(given, 'admin-port');
  return {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(adminPort !== undefined && { adminPort }),
  };
}

function readPort(given: Words['given'], option: string): number | undefined {
  const text = given.get(option)?.[0];
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    throw new UsageError(`--${option}: expected a port from 0 to 65535, found ${quoted(text)}`);
  }
  return port;
}

function readRequest(rest: readonly string[]): { readonly verb: string; readonly url: string } {
  const [verb, url, unexpected] = rest;
  if (verb === undefined || url === undefined || unexpected !== undefined || verb.includes('/')) {
    const found = rest.length === 0 ? 'nothing' : rest.map(quoted).join(' ');
    throw new UsageError(`expected explain VERB URL, as explain GET /v1/shelves; found ${found}`);
  }
  return { verb: verb.toUpperCase(), url };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
