/** The cases that may not pass, each group with the reason and with the only complaint that it may have: all else of the case has been found right. */

export interface KnownFailing {
  readonly reason: string;
  readonly complaint: RegExp;
  /** As `--known-failing` takes them: `*` is one part of the name of a case, `**` any number. */
  readonly patterns: readonly string[];
  /** They pass where another part of the chain is first. */
  readonly sometimes?: true;
}

const OWN_DETAILS = {
  reason: 'an error of the gateway has an ErrorInfo and a RequestInfo, and the suite wants none',
  // The reference client does not know the types of google.rpc, whose debug form it would look at.
  complaint:
    /^(?:; )?actual error contain 2 details; expecting 0$|^connect error JSON: details\[\d\]: could not check debug data because message type "google\.rpc\.\w+" could not be resolved: proto:\s+not found$/,
};

const DEADLINES: readonly KnownFailing[] = [
  {
    reason:
      'the deadline passes in the gateway before the service has said so, with details as above',
    complaint: OWN_DETAILS.complaint,
    patterns: ['Timeouts/**'],
    sometimes: true,
  },
  {
    reason:
      'the deadline passes in the reference client between the head of an answer and its body',
    complaint: /^connect error JSON: unexpected end of JSON input$/,
    patterns: ['Timeouts/**'],
    sometimes: true,
  },
];

export const KNOWN_INBOUND: readonly KnownFailing[] = [
  {
    ...OWN_DETAILS,
    patterns: [
      ...['no-request', 'multiple-requests'].flatMap((name) => [
        `gRPC Unexpected Requests/**/unary/${name}`,
        `gRPC-Web Unexpected Requests/**/unary/${name}`,
        ...everywhere(`server-stream/${name}`),
      ]),
      ...everywhere('client-stream/incomplete-message'),
      ...everywhere('client-stream/incomplete-message-prefix'),
      ...everywhere('unexpected-compressed-message'),
      ...everywhere('unexpected-compression'),
      ...everywhere('unexpected-uri'),
      'Connect Unexpected Requests/**/unexpected-codec',
      'Connect Unexpected Requests/**/unexpected-verb',
      // What is compressed with gzip goes to the service as it is, which refuses it without details.
      ...['IDENTITY', 'BR', 'ZSTD', 'DEFLATE'].flatMap((coding) =>
        ['request', 'first-request', 'subsequent-request'].map(
          (which) =>
            `Server Message Size/**/Compression:COMPRESSION_${coding}/**/${which}-exceeds-server-limit`,
        ),
      ),
    ],
  },
  ...DEADLINES,
  {
    reason:
      'a POST of image/jpeg is of no RPC protocol: it is answered as a REST request, 415 and with the JSON of google.rpc.Status',
    complaint:
      /^connect error JSON: (?:unexpected end of JSON input|json: cannot unmarshal number into Go struct field connectError\.code of type string)$/,
    patterns: ['Unexpected Requests/**/unexpected-content-type'],
  },
];

export const KNOWN_OUTBOUND: readonly KnownFailing[] = [
  {
    ...OWN_DETAILS,
    patterns: [
      'unary/multiple-responses',
      'unary/ok-but-no-response',
      'unary/no-terminal-status',
      'client-stream/multiple-responses',
      'client-stream/ok-but-no-response',
      'client-stream/no-terminal-status',
      'server-stream/no-terminal-status',
      'server-stream/incomplete-message',
      'server-stream/incomplete-message-prefix',
      'bidi-stream/half-duplex/no-terminal-status',
      'trailers-only/ignore-header-if-body-present',
      'missing-status',
      'unexpected-codec',
      'unexpected-compression',
      'unexpected-compressed-message',
    ].map((name) => `gRPC Unexpected Responses/**/${name}`),
  },
  ...DEADLINES,
];

function everywhere(name: string): string[] {
  return ['Connect', 'gRPC', 'gRPC-Web'].map((suite) => `${suite} Unexpected Requests/**/${name}`);
}
