/**
 * What a user writes into `gateway.config.ts`: the public types of the configuration, and nothing that runs. This file imports nothing,
 * since the configuration of every start loads it. The defaults named here are made in defaults.ts.
 */

/** `'250ms'`, `'5s'`, `'2m'`, `'1h'`, or a number of milliseconds. From 1 ms to 24 hours. */
export type Duration = number | `${number}ms` | `${number}s` | `${number}m` | `${number}h`;

/** `'64kb'`, `'4mb'`, `'1gb'`, `'512b'`, or a number of bytes; a kb is 1024 bytes. From 1 byte to 2 gb. */
export type Size = number | `${number}b` | `${number}kb` | `${number}mb` | `${number}gb`;

export interface ListenConfig {
  /** TCP port; 0 takes any free one. Default 8080. */
  readonly port?: number;
  /** Address to listen on. Default `127.0.0.1`: nothing is offered to the network unless it is said; containers say `0.0.0.0`. */
  readonly host?: string;
  /** HTTPS; default: none, plain HTTP. */
  readonly tls?: ListenTlsConfig;
  readonly limits?: ListenLimitsConfig;
}

/** PEM files; paths are relative to the configuration file. */
export interface CertificateConfig {
  /** The certificate, and behind it those that lead to an authority. */
  readonly cert: string;
  readonly key: string;
}

export interface ListenTlsConfig extends CertificateConfig {
  /** More certificates; a client gets the one that has the name it asks for, else the first. */
  readonly certificates?: readonly CertificateConfig[];
  /** Only clients with a certificate of one of these authorities get in. Default: clients need none. */
  readonly clientCa?: string;
  /** Whether plain HTTP is answered on the same port. Default false: a client that forgets TLS must notice. */
  readonly plain?: boolean;
}

/** What a client may take of the gateway before anybody knows what it wants. docs/limits.md has the reasons. */
export interface ListenLimitsConfig {
  /** Open at a time; a few more wait unread, the rest is closed. Default 20,000. */
  readonly connections?: number;
  /** Open at a time from one IPv4 address or one IPv6 /64. Default 10,000. */
  readonly connectionsPerAddress?: number;
  /** Calls at a time; more are answered with 503. Default 10,000. */
  readonly calls?: number;
  /** From the connection to its first byte, a TLS handshake included. Default `'10s'`. */
  readonly firstByte?: Duration;
  /** For the whole head of a request. Default `'10s'`. */
  readonly head?: Duration;
  /** Between two parts of a body. Default `'30s'`. */
  readonly body?: Duration;
  /** Between two requests of a connection. Default `'1m'`. */
  readonly idle?: Duration;
  /** How long an answer may wait for a client that does not read. Default `'30s'`. */
  readonly write?: Duration;
  /** Headers of one request; their size is `limits.headers` at the top. Default 100. */
  readonly headerCount?: number;
  /** Path and query. Default `'8kb'`. */
  readonly target?: Size;
  /** HTTP/1.1: requests that wait behind the one at work; further ones stay unread. Default `'64kb'`. */
  readonly pipelined?: Size;
  /** HTTP/2: calls at a time on one connection. Default 100. */
  readonly streams?: number;
  /** HTTP/2: calls that a client may reset, or make the gateway reset, in a second. Default 100. */
  readonly resets?: number;
  /** HTTP/2: SETTINGS, PING, PRIORITY, empty and unknown frames, of each kind, in a second. Default 1,000. */
  readonly controlFrames?: number;
  /** HTTP/2: the compressed headers of one call. Default `'16kb'`. */
  readonly headerBlock?: Size;
  /** HTTP/2: the table of headers that a client may refer to again. Default `'4kb'`. */
  readonly headerTable?: Size;
}

export interface AdminConfig {
  /** TCP port; 0 takes any free one. Default 9901. */
  readonly port?: number;
  /** Default `127.0.0.1`: health and metrics tell more than a stranger should know. */
  readonly host?: string;
}

export interface LogConfig {
  /** Default `info`. */
  readonly level?: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** One line for every call. Default false: it is the largest fixed cost of a call; failed calls have their line in any case. */
  readonly access?: boolean;
}

/** What passes in one direction. Names are case-insensitive; what the transport and gRPC own never passes. */
export interface MetadataRulesConfig {
  /** Only these names pass, towards the service also `x-forwarded-*`, which the gateway sets. Default: all. */
  readonly allow?: readonly string[];
  /** These names don't pass, even when `allow` has them. Default: none. */
  readonly deny?: readonly string[];
  /** From the name received to the name sent, behind `allow` and `deny`. Default: none. */
  readonly rename?: Readonly<Record<string, string>>;
}

export interface CorsConfig {
  /** `'*'`, or origins as browsers send them: `https://app.example.com`. */
  readonly origins: '*' | readonly string[];
  /** Request headers that a page may send. Default: those that its preflight asks for. */
  readonly headers?: readonly string[];
  /** Response headers that a page may read. Default: none beyond those that browsers always show. */
  readonly expose?: readonly string[];
  /** Whether cookies and client certificates go along. Default false; browsers don't accept it with the origin `*`. */
  readonly credentials?: boolean;
  /** How long a browser may keep a preflight's answer. Default `'10m'`. */
  readonly maxAge?: Duration;
}

export interface LimitsConfig {
  /** The body of a request with one message. Default `'4mb'`: what gRPC servers take by default. A larger one is answered with 413. */
  readonly body?: Size;
  /** One message of a stream, or of an answer. Default `'4mb'`: what gRPC clients take by default. */
  readonly message?: Size;
  /** How deep JSON values may be nested. Default 100: the bound of the protobuf libraries. */
  readonly depth?: number;
}

export interface TopLimitsConfig extends LimitsConfig {
  /** All headers of one request. Default `'16kb'`: that of Node. Only at the top, since headers are read before a route is known. */
  readonly headers?: Size;
}

export interface StreamConfig {
  /** What a server stream is sent as where the client has no wish (no Accept, or a wildcard). Default `'ndjson'`. */
  readonly format?: 'ndjson' | 'sse' | 'json-array';
  /** `'result'` wraps each message as `{"result": …}`, for clients of grpc-gateway. Default false. */
  readonly wrap?: 'result' | false;
  readonly sse?: SseConfig;
}

/** Server-sent events (HTML standard, "Server-sent events"). Names of fields are proto or JSON names, with dots into messages. */
export interface SseConfig {
  /** The field of the response message that becomes the `id` of its event. Default: events have none. */
  readonly id?: string;
  /** The field that becomes the name of the event, which a page listens for. Default: `message`, which is no line at all. */
  readonly event?: string;
  /** The field that says after how many milliseconds a page that was cut off may come back. Default: the browser's own. */
  readonly retry?: string;
  /** The field of the request message that gets `Last-Event-ID` of a page that comes back. Default: none, the header is passed over. */
  readonly lastEventId?: string;
  /** A comment goes out where nothing else has for so long. Default `'15s'`: proxies on the way cut what is silent for a minute or less. */
  readonly heartbeat?: Duration | false;
}

/** How messages look in JSON, beyond what ProtoJSON fixes. docs/json.md has an example of each. */
export interface JsonConfig {
  /** Fields without presence also when they have their default value. Default false, as ProtoJSON has it. */
  readonly emitDefaults?: boolean;
  /** `1` instead of `"NOVEL"`. Requests may say either. Default false. */
  readonly enumsAsNumbers?: boolean;
  /** `page_size` instead of `pageSize`. Requests may say either. Default false. */
  readonly protoNames?: boolean;
  /**
   * 64-bit integers as strings, or as numbers with all their digits. Requests may say either. Default `'string'`: what reads a number
   * as a double, as browsers do, loses the digits beyond 2^53 without a word.
   */
  readonly int64?: 'string' | 'number';
  /** Whole answers and errors on several lines; messages of a stream stay on one line each. Default false. */
  readonly pretty?: boolean;
  /** Requests may have names of enums in any case: `"novel"` for `NOVEL`. Default false, as ProtoJSON has it. */
  readonly caseInsensitiveEnums?: boolean;
}

/**
 * These may stand at the top (for all), at an upstream or at a route. The nearest wins, key by key: a route that sets `limits.body`
 * keeps `limits.depth` of its upstream. `cors` and `answerCompression` are taken whole.
 */
export interface SettingsConfig {
  /**
   * What happens to fields and query parameters that the schema does not know: a 400 that names them, a warning header, or nothing.
   * Default `'reject'`: a misspelt field that is ignored is lost data.
   */
  readonly strictness?: 'reject' | 'warn' | 'ignore';
  readonly stream?: StreamConfig;
  readonly json?: JsonConfig;
  /**
   * The longest a call may take; a client may ask for less. Default `'30s'` for unary and client-streaming methods, none for the others,
   * which `idle` bounds. What is set here holds for all methods of its place; with `false` only the client's own deadline bounds a call.
   */
  readonly timeout?: Duration | false;
  /** The longest a stream may stay without a message in either direction. Default `'5m'`. */
  readonly idle?: Duration;
  /** `in` is towards the service, `out` towards the client. */
  readonly metadata?: { readonly in?: MetadataRulesConfig; readonly out?: MetadataRulesConfig };
  /** Which pages of other sites may call. The verbs are those of the routes. Default false: none. */
  readonly cors?: CorsConfig | false;
  readonly limits?: LimitsConfig;
  /**
   * Whose a POST to `/pkg.Service/Method` is that is of no other protocol and does not send `Connect-Protocol-Version`: REST's, with its
   * errors and its streams of JSON, or that of Connect's unary calls. Default `'rest'`. `'connect'` is what a server of connect-go does
   * unless it has `WithRequireConnectProtocolHeader`: errors are Connect's, and a streaming method answers 415. Paths of http rules stay REST's.
   */
  readonly unaryJson?: 'rest' | 'connect';
  /**
   * Whether answers to REST clients are compressed by their Accept-Encoding. Default false; `true` is an object without keys. Bodies of
   * requests are inflated in any case. Taken whole.
   */
  readonly answerCompression?: AnswerCompressionConfig | boolean;
}

/** docs/compression.md has what is compressed and what never is. */
export interface AnswerCompressionConfig {
  /** Smaller answers go out as they are; streams are compressed from their first message on. Default `'1kb'`. */
  readonly minSize?: Size;
  /** From the dearest to the least, for clients that have no wish of their own. Default: all, in this order. */
  readonly codings?: readonly ('zstd' | 'br' | 'gzip' | 'deflate')[];
}

/** Where an upstream's schema comes from. File paths are relative to the configuration file. */
export type SchemaConfig =
  | {
      /** `.proto` files, by path or as found under `importPaths`. */
      readonly protos: readonly string[];
      /** Folders that imports are looked up in. Default: the folder of each file. google/* files come along. */
      readonly importPaths?: readonly string[];
    }
  | {
      /** A FileDescriptorSet with its imports, as `buf build -o` and `protoc --include_imports -o` write it. */
      readonly descriptorSet: string;
    }
  | {
      /** Asks the upstream by the server reflection protocol. */
      readonly reflection: true;
    };

/** PEM files; paths are relative to the configuration file. The upstream's certificate is always verified. */
export interface UpstreamTlsConfig {
  /** The authorities that are trusted. Default: those that Node trusts. */
  readonly ca?: string;
  /** The gateway's own certificate, for upstreams that ask for one; together with `key`. */
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must have. Default: the host of the endpoint. */
  readonly serverName?: string;
}

export interface KeepaliveConfig {
  /**
   * After so long without a byte from the service it is sent a PING; also the least time between two. Default `'5m'`: gRPC servers end
   * connections that ask more often, unless they are told otherwise.
   */
  readonly interval?: Duration;
  /** A service that sends nothing for so long behind a PING is gone, and its calls fail. Default `'20s'`. */
  readonly timeout?: Duration;
  /** Whether connections without calls are asked, too. Default false: gRPC servers allow it every two hours. */
  readonly withoutCalls?: boolean;
}

/** The connections to each endpoint of an upstream. */
export interface ConnectionsConfig {
  /**
   * What a service of the protocol `http` is spoken to with: `'2'` is HTTP/2, by ALPN where the endpoint is https, else at once (prior
   * knowledge). Default `'1.1'`. gRPC is HTTP/2.
   */
  readonly http?: '1.1' | '2';
  /** Open at the same time. One is made when the streams of all others are used up. Default 32; for HTTP/1.1, where each carries one call, 1000. */
  readonly max?: number;
  /** Calls that wait for a connection or a stream of one; more are refused. Default 10000. */
  readonly maxPending?: number;
  /** HTTP/2: how many are made at the start and kept without calls. Default 0: the first call connects. */
  readonly warm?: number;
  /** For TCP, TLS and the first word of HTTP/2 together. Default `'10s'`. */
  readonly connectTimeout?: Duration;
  /** One without calls for so long is closed. Default `'5m'`, for HTTP/1.1 `'4s'`. */
  readonly idleTimeout?: Duration | false;
  /** HTTP/2: one that is older, give or take a tenth, is replaced; its calls end on it. Default `'30m'`. */
  readonly maxAge?: Duration | false;
  /** HTTP/2: whether a service that has gone silent is still there. `false` sends no PING, also not when a call was never answered. */
  readonly keepalive?: KeepaliveConfig | false;
}

export interface EndpointConfig {
  /** `host:port` or `[v6]:port`; a URL where the protocol is `http`. */
  readonly address: string;
}

export interface UpstreamConfig extends SettingsConfig {
  /** `http` is a service that runs as plain REST, called by the http rules of its protos. */
  readonly protocol: 'grpc' | 'http';
  /**
   * For `grpc` `host:port` or `[v6]:port`, for `http` URLs, as `http://127.0.0.1:9001/base`, where `https` is TLS; calls go round robin
   * over several.
   */
  readonly endpoints: readonly (string | EndpointConfig)[];
  readonly schema: SchemaConfig;
  /** A `google.api.Service` YAML file with http rules for methods whose protos carry none; relative to the configuration file. */
  readonly rules?: string;
  /** `true` is TLS with Node's authorities. Default: none, plain HTTP/2. For `http` the scheme of the endpoints decides, and this only says how. */
  readonly tls?: true | UpstreamTlsConfig;
  /**
   * What messages to the service are compressed with, unless the client has compressed them itself. Default `'identity'`: nothing.
   * Answers may always be compressed. A service of `http` gets nothing but `'identity'`, and is asked for the same.
   */
  readonly compression?: 'identity' | 'gzip';
  readonly connections?: ConnectionsConfig;
}

export interface RouteConfig extends SettingsConfig {
  /** Full names, as `bookstore.v1.Bookstore`; `'*'` is every service of the upstream that no other route names. */
  readonly services: '*' | readonly string[];
  /** The name of an upstream. */
  readonly upstream: string;
}

export interface GatewayConfig extends SettingsConfig {
  readonly listen?: ListenConfig;
  /** Health, metrics and inspection on their own port; `false` switches them off. */
  readonly admin?: AdminConfig | false;
  readonly log?: LogConfig;
  /**
   * Whether gRPC clients may ask the gateway for the schemas of what it routes. Default: only where `listen.host` is loopback and the
   * port the gateway's own, since a schema tells more than a stranger should know.
   */
  readonly reflection?: boolean;
  /** How long calls in flight may go on after the gateway was asked to stop. Default `'10s'`. */
  readonly drain?: Duration;
  readonly limits?: TopLimitsConfig;
  /** By name; names are labels of metrics and logs. */
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>;
  readonly routes: readonly RouteConfig[];
}

/**
 * Gives an editor the types; the configuration comes back as it is. It is validated when the gateway loads it.
 * Not generic: a type parameter would let misspelt keys pass the compiler.
 */
export function defineConfig(config: GatewayConfig): GatewayConfig {
  return config;
}
