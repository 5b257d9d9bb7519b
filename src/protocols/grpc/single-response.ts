/** The answer of a method with one response message: read at once, kept in its envelope. */
import { GatewayError } from '../../call/error.ts';
import type { Message } from '../../call/message.ts';
import type { Status } from '../../call/status.ts';
import type { Body } from '../../call/types.ts';
import { type EnvelopeRules, openEnvelope } from '../../rpc/envelope.ts';
import { EnvelopeReader } from '../../rpc/envelope-reader.ts';
import { notOneAnswer } from '../../rpc/faults.ts';
import type { ResponseOwner, ResponseReader } from './response.ts';

/** It is the body as well, since the status of such a call comes with its message. */
export class SingleResponse implements ResponseReader, Body {
  readonly single = true;
  readonly #owner: ResponseOwner;
  readonly #rules: EnvelopeRules;
  readonly #reader: EnvelopeReader;
  #envelope: Uint8Array | null = null;
  #read = false;

  constructor(owner: ResponseOwner, rules: EnvelopeRules) {
    this.#owner = owner;
    this.#rules = rules;
    this.#reader = new EnvelopeReader(rules);
  }

  get encoding(): string | undefined {
    return this.#rules.compression?.name;
  }

  push(bytes: Uint8Array): void {
    try {
      this.#reader.push(bytes);
      for (let next = this.#reader.next(); next !== undefined; next = this.#reader.next()) {
        if (this.#envelope !== null) {
          throw notOneAnswer('sent more than one message in a unary answer');
        }
        this.#envelope = next;
      }
    } catch (error) {
      this.#owner.fail(GatewayError.from(error));
      return;
    }
    this.#owner.credit(bytes.length);
  }

  finish(status: Status): void {
    const { faults } = this.#rules;
    if (status.code !== 'OK') this.#owner.settle(status);
    else if (this.#reader.buffered > 0) this.#owner.fail(faults.malformed('cut off its message'));
    else if (this.#envelope === null) this.#owner.fail(notOneAnswer('sent OK and no message'));
    else this.#owner.settle(status);
  }

  close(): void {
    this.#reader.clear();
  }

  next(): Message | undefined | Promise<Message | undefined> {
    if (this.#read || this.#envelope === null) return undefined;
    this.#read = true;
    return openEnvelope(this.#envelope, this.#rules);
  }

  whole(): Uint8Array {
    if (this.#envelope === null) throw new Error('the answer has no message');
    return this.#envelope;
  }

  cancel(): void {
    this.#read = true;
  }
}
