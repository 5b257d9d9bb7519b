/** A request whose messages are JSON: each becomes protobuf as it is read, and none is handed through. */
import { GatewayError } from '../call/error.ts';
import type { Message } from '../call/message.ts';
import type { Body } from '../call/types.ts';
import type { RpcRequest } from './request.ts';
import type { RpcTarget } from './target.ts';

export class TranscodedRequest implements Body {
  readonly #request: RpcRequest;

  constructor(request: RpcRequest) {
    this.#request = request;
  }

  get single(): boolean {
    return this.#request.single;
  }

  async next(): Promise<Message | undefined> {
    const message = await this.#request.next();
    const { target } = this.#request;
    return message === undefined || target === null ? undefined : fromJson(message.bytes, target);
  }

  cancel(reason: GatewayError): void {
    this.#request.cancel(reason);
  }
}

/** A message in the client's JSON as protobuf. Throws a GatewayError. */
export function fromJson(json: Uint8Array, { json: codec }: RpcTarget): Message {
  // The binding takes no body for an empty message; here a body of no bytes is no JSON (RFC 8259 section 2).
  if (json.length === 0) throw new GatewayError('PG_MALFORMED_JSON', 'a message is empty: send {}');
  return { codec: 'proto', bytes: codec.bindNext(json, 'application/json').bytes };
}
