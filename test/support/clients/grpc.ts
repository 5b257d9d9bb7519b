/** gRPC, and gRPC-Web in its two forms. Sources: gRPC over HTTP/2 (PROTOCOL-HTTP2.md), gRPC-Web (PROTOCOL-WEB.md). */
import { STATUS_CODES } from '../../../src/call/status.ts';
import { cutEnd, type EnvelopedProtocol, metadataOf, openEnveloped } from './enveloped-call.ts';
import { CODECS, decodeDetails } from './messages.ts';
import type { ClientProtocol, End } from './types.ts';

type Fields = Readonly<Record<string, string>>;
const OWNED =
  /^(?:grpc-.*|content-type|content-length|date|connection|keep-alive|transfer-encoding|x-request-id)$/;
const KINDS = ['unary', 'server_stream', 'client_stream', 'bidi'] as const;

const GRPC: EnvelopedProtocol = {
  contentType: 'application/grpc',
  encodingHeader: 'grpc-encoding',
  acceptHeader: 'grpc-accept-encoding',
  headers: { te: 'trailers' },
  text: false,
  endFlag: 0,
  timeout: (ms) => ({ 'grpc-timeout': `${ms}m` }),
  endOf: (_, httpStatus) => cutEnd(httpStatus),
  otherEnd: ({ status, headers }, trailers) =>
    statusOf('grpc-status' in trailers ? trailers : headers, status),
  owned: OWNED,
};

const GRPC_WEB: EnvelopedProtocol = {
  ...GRPC,
  contentType: 'application/grpc-web',
  headers: { 'x-grpc-web': '1' },
  endFlag: 0x80,
  endOf: (bytes, httpStatus) => statusOf(fieldsOf(bytes.toString('latin1')), httpStatus),
  otherEnd: ({ status, headers }) => statusOf(headers, status),
};

const GRPC_WEB_TEXT: EnvelopedProtocol = {
  ...GRPC_WEB,
  contentType: 'application/grpc-web-text',
  text: true,
};

export const grpcClient: ClientProtocol = client('gRPC', GRPC, ['2'], ['2']);
export const grpcWebClient: ClientProtocol = client('gRPC-Web', GRPC_WEB, ['1.1', '2'], ['2']);
export const grpcWebTextClient: ClientProtocol = client(
  'gRPC-Web text',
  GRPC_WEB_TEXT,
  ['1.1', '2'],
  ['2'],
);

function client(
  name: string,
  protocol: EnvelopedProtocol,
  http: readonly ('1.1' | '2')[],
  fullDuplex: readonly ('1.1' | '2')[],
): ClientProtocol {
  return {
    name,
    capabilities: {
      http,
      kinds: KINDS,
      codecs: CODECS,
      fullDuplex,
      envelopes: true,
      messages: true,
      earlyHead: true,
      endsInBody: protocol.endFlag !== 0,
    },
    open: (connection, options) => openEnveloped(connection, protocol, options),
  };
}

/** Of trailers, of a head that is the end, or of the last envelope of gRPC-Web. */
function statusOf(fields: Fields, httpStatus: number): End {
  const code = STATUS_CODES[Number(fields['grpc-status'])];
  if (code === undefined) return cutEnd(httpStatus, `HTTP ${httpStatus}`);
  const details = fields['grpc-status-details-bin'];
  return {
    code,
    message: decodeURIComponent(fields['grpc-message'] ?? ''),
    details: details === undefined ? [] : decodeDetails(Buffer.from(details, 'base64')),
    trailers: metadataOf(fields, OWNED),
    httpStatus,
  };
}

/** An HTTP/1 header block. */
function fieldsOf(block: string): Fields {
  const lines = block.split('\r\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  );
}
