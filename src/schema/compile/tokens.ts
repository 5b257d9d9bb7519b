/** The words of a `.proto` file. Source: protobuf.dev/reference/protobuf/proto3-spec, "Lexical Elements". */
import { CompileError } from './compile-error.ts';

type TokenKind = 'name' | 'number' | 'string' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; a string with its quotes. */
  readonly text: string;
  /** In UTF-16 units. */
  readonly offset: number;
}

const SPACE = /(?:\s|\uFEFF)+|\/\/[^\n]*|\/\*[^]*?\*\//y;
const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /0[xX][\da-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fF]?/y;
const STRING = /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y;

/** One token ahead of the reader. */
export class Tokens {
  readonly file: string;
  readonly #text: string;
  #at = 0;
  #ahead: Token;

  constructor(file: string, text: string) {
    this.file = file;
    this.#text = text;
    this.#ahead = this.#read();
  }

  get peek(): Token {
    return this.#ahead;
  }

  next(): Token {
    const token = this.#ahead;
    if (token.kind !== 'end') this.#ahead = this.#read();
    return token;
  }

  /** Whether the next token is this name or symbol. */
  sees(text: string): boolean {
    const { kind } = this.#ahead;
    return this.#ahead.text === text && (kind === 'name' || kind === 'symbol');
  }

  /** Takes the next token where it is this one. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.next();
    return true;
  }

  expect(text: string): Token {
    if (!this.sees(text)) throw this.wrong(JSON.stringify(text));
    return this.next();
  }

  name(): string {
    if (this.#ahead.kind !== 'name') throw this.wrong('a name');
    return this.next().text;
  }

  /** `a.b.c`, with a leading dot or without. */
  fullName(): string {
    let name = this.takes('.') ? '.' : '';
    name += this.name();
    while (this.takes('.')) name += `.${this.name()}`;
    return name;
  }

  /** Adjacent strings are one; the bytes that they mean. */
  bytes(): Uint8Array {
    if (this.#ahead.kind !== 'string') throw this.wrong('a string');
    const parts: number[] = [];
    while (this.#ahead.kind === 'string') unescape(this.next().text.slice(1, -1), parts);
    return Uint8Array.from(parts);
  }

  string(): string {
    return Buffer.from(this.bytes()).toString();
  }

  integer(): number {
    const negative = this.takes('-');
    const { kind, text } = this.#ahead;
    if (kind !== 'number' || /^(?!0[xX]).*[.eEfF]/.test(text)) throw this.wrong('an integer');
    this.next();
    const value = Number(integerOf(text));
    return negative ? -value : value;
  }

  wrong(expected: string): CompileError {
    const { text, kind, offset } = this.#ahead;
    const found = kind === 'end' ? 'the end of the file' : JSON.stringify(text.slice(0, 60));
    return new CompileError(`expected ${expected}, found ${found}`, this.file, offset);
  }

  wrongAt(offset: number, message: string): CompileError {
    return new CompileError(message, this.file, offset);
  }

  #read(): Token {
    while (this.#match(SPACE) !== undefined);
    const offset = this.#at;
    if (offset === this.#text.length) return { kind: 'end', text: '', offset };
    const name = this.#match(NAME);
    if (name !== undefined) return { kind: 'name', text: name, offset };
    const number = this.#match(NUMBER);
    if (number !== undefined) return { kind: 'number', text: number, offset };
    const string = this.#match(STRING);
    if (string !== undefined) return { kind: 'string', text: string, offset };
    this.#at++;
    return { kind: 'symbol', text: this.#text.charAt(offset), offset };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#text)?.[0];
    if (text !== undefined) this.#at = pattern.lastIndex;
    return text;
  }
}

/** Decimal, `0x` or octal with a leading 0. */
export function integerOf(text: string): bigint {
  return BigInt(/^0[0-7]+$/.test(text) ? `0o${text.slice(1)}` : text);
}

const ESCAPE = /\\(?:[xX]([\da-fA-F]{1,2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([^]))/y;
const CONTROLS: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

function unescape(text: string, into: number[]): void {
  let plain = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', plain)) {
    into.push(...Buffer.from(text.slice(plain, at)));
    ESCAPE.lastIndex = at;
    const [all = '\\', hex, short, long, octal, other = ''] = ESCAPE.exec(text) ?? [];
    const point = short ?? long;
    if (point !== undefined) into.push(...Buffer.from(String.fromCodePoint(parseInt(point, 16))));
    else if (hex !== undefined) into.push(parseInt(hex, 16));
    else if (octal !== undefined) into.push(parseInt(octal, 8) & 0xff);
    else
      into.push(...(Object.hasOwn(CONTROLS, other) ? [CONTROLS[other] ?? 0] : Buffer.from(other)));
    plain = at + all.length;
  }
  into.push(...Buffer.from(text.slice(plain)));
}
