/**
 * REST to a service that its protos and http rules describe: the reverse of the inbound. It stands in this folder because the two share
 * their rules of headers, statuses and content types; `protocols/http/` is for upstreams without a schema.
 */
import type { ReverseBinding } from '../../binding/reverse/types.ts';
import type { Attempt } from '../../call/attempt.ts';
import { GatewayError } from '../../call/error.ts';
import type { HttpTransport } from '../../call/http-transport.ts';
import type { Outbound, Reply } from '../../call/types.ts';
import type { Schema } from '../../schema/model.ts';
import { RestCall, type RestWire } from './outbound-call.ts';

export interface RestOutboundOptions {
  readonly transport: HttpTransport;
  /** By the path of the RPC. */
  readonly bindings: ReadonlyMap<string, ReverseBinding>;
  /** A larger answer, or element of a stream, is refused. */
  readonly maxMessageBytes: number;
  /** Knows the details of errors. */
  readonly schema: Schema;
}

/** One attempt is one request. */
export function createRestOutbound(options: RestOutboundOptions): Outbound {
  const { bindings, transport } = options;
  const wire: RestWire = options;
  return {
    send(attempt: Attempt): Promise<Reply> {
      const { rpc } = attempt.call.route;
      const binding = bindings.get(rpc);
      if (binding === undefined) throw new Error(`no binding for ${rpc}`);
      return new RestCall(attempt, wire, binding).run();
    },
    close() {
      transport.close(new GatewayError('PG_DRAIN', 'the gateway has closed its connections'));
    },
  };
}
