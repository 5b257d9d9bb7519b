/**
 * gRPC to the service, over grpc-js for now: a faster transport takes its place behind the same {@link Outbound}.
 * Source: gRPC over HTTP/2 (PROTOCOL-HTTP2.md).
 */
import { Channel, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { Attempt } from '../../call/attempt.ts';
import { GatewayError } from '../../call/error.ts';
import type { Endpoint, Outbound, Reply } from '../../call/types.ts';
import { GrpcStream } from './stream.ts';

/** PEM bytes; an empty object is TLS with the roots of the system. */
export interface UpstreamTls {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name that the certificate must carry and SNI says; default: the host of the endpoint. */
  readonly serverName?: string;
}

export interface GrpcOutboundOptions {
  readonly endpoints: readonly Endpoint[];
  /** Undefined is plaintext (h2c). */
  readonly tls?: UpstreamTls | undefined;
  /** A larger response message is refused. */
  readonly maxMessageBytes: number;
}

/** One channel per endpoint, connected on first use. */
export function createGrpcOutbound(options: GrpcOutboundOptions): Outbound {
  const channels = new Map<Endpoint, Channel>(
    options.endpoints.map((endpoint) => [endpoint, openChannel(endpoint, options)]),
  );
  const streams = new Set<GrpcStream>();
  return {
    send(attempt: Attempt): Promise<Reply> {
      const channel = channels.get(attempt.endpoint);
      if (channel === undefined) throw new Error(`no channel for ${attempt.endpoint.address}`);
      const stream = new GrpcStream(attempt, channel);
      streams.add(stream);
      stream.onEnded = () => streams.delete(stream);
      return stream.run();
    },
    close() {
      // A channel that closes lets its calls run on, for as long as they like.
      for (const stream of streams) {
        stream.cut(new GatewayError('PG_DRAIN', 'the gateway has closed its connections'));
      }
      for (const channel of channels.values()) channel.close();
    },
  };
}

function openChannel(endpoint: Endpoint, { tls, maxMessageBytes }: GrpcOutboundOptions): Channel {
  const settings: ChannelOptions = {
    'grpc.max_receive_message_length': maxMessageBytes,
    // Bounded where it came in.
    'grpc.max_send_message_length': -1,
    // Retrying is the gateway's. grpc-js keeps the first megabyte of a request for it all the same: it calls back for those messages before the
    // transport has them, and then looks at all that wait for each that goes out. Below zero, also an empty message is not kept.
    'grpc.enable_retries': 0,
    'grpc.per_rpc_retry_buffer_size': -1,
    'grpc.retry_buffer_size': -1,
    'grpc.service_config_disable_resolution': 1,
    // An upstream is where the configuration says, whatever http_proxy is in the environment.
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 5_000,
  };
  if (tls === undefined)
    return new Channel(endpoint.address, credentials.createInsecure(), settings);
  if (tls.serverName !== undefined) {
    settings['grpc.ssl_target_name_override'] = tls.serverName;
    settings['grpc.default_authority'] = tls.serverName;
  }
  const { ca = null, key = null, cert = null } = tls;
  return new Channel(endpoint.address, credentials.createSsl(ca, key, cert), settings);
}
