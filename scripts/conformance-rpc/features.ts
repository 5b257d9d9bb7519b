/** What the gateway says it can do (Features in config.proto); the runner makes its cases of it. */

type Features = Readonly<Record<string, readonly string[] | boolean>>;

/** Towards clients: all that the suite knows but HTTP/3 and snappy. */
export const INBOUND: Features = {
  versions: ['HTTP_VERSION_1', 'HTTP_VERSION_2'],
  protocols: ['PROTOCOL_CONNECT', 'PROTOCOL_GRPC', 'PROTOCOL_GRPC_WEB'],
  codecs: ['CODEC_PROTO', 'CODEC_JSON'],
  compressions: [
    'COMPRESSION_IDENTITY',
    'COMPRESSION_GZIP',
    'COMPRESSION_BR',
    'COMPRESSION_ZSTD',
    'COMPRESSION_DEFLATE',
  ],
  streamTypes: [
    'STREAM_TYPE_UNARY',
    'STREAM_TYPE_CLIENT_STREAM',
    'STREAM_TYPE_SERVER_STREAM',
    'STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM',
    'STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM',
  ],
  supportsH2c: true,
  supportsTls: true,
  supportsTlsClientCerts: true,
  supportsTrailers: true,
  supportsHalfDuplexBidiOverHttp1: true,
  supportsConnectGet: true,
  supportsMessageReceiveLimit: true,
};

/** Towards services: gRPC, with what is handed through as the client has sent it. */
export const OUTBOUND: Features = {
  ...INBOUND,
  versions: ['HTTP_VERSION_2'],
  protocols: ['PROTOCOL_GRPC'],
  codecs: ['CODEC_PROTO'],
  compressions: ['COMPRESSION_IDENTITY', 'COMPRESSION_GZIP'],
};
