/** A body in base64, decoded as it comes; each part of it may be padded for itself (PROTOCOL-WEB.md, "Text-encoded"). */
import { GatewayError } from '../call/error.ts';
import type { HeaderList } from '../call/types.ts';
import { PassingSource } from './passing-source.ts';

/** Four characters for three bytes; padding may end any of them. */
const QUADS = /^(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==)*$/;

export class Base64Source extends PassingSource {
  /** Characters that are no whole quad yet. */
  #rest = '';

  write(chunk: Uint8Array): boolean {
    const { reader } = this;
    if (reader === null) return true;
    const text =
      this.#rest + Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
    const whole = text.length - (text.length % 4);
    const quads = text.slice(0, whole);
    this.#rest = text.slice(whole);
    if (!QUADS.test(quads)) {
      this.break(malformed('is no base64'));
      return true;
    }
    return quads === '' ? true : reader.write(decodeQuads(quads));
  }

  end(trailers: HeaderList | null): void {
    const reader = this.take();
    if (this.#rest === '') reader?.end(trailers);
    else reader?.fail(malformed('ends within four characters of base64'));
  }
}

function malformed(what: string): GatewayError {
  return new GatewayError('PG_BAD_ENVELOPE', `the body ${what}`);
}

/** Node's decoder stops at padding, so padded parts are decoded one by one. */
function decodeQuads(quads: string): Uint8Array {
  const pad = quads.indexOf('=');
  if (pad < 0 || pad >= quads.length - 2) return Buffer.from(quads, 'base64');
  const parts = quads.match(/[^=]+=*/g) ?? [];
  return Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
}
