/** gRPC-Web: gRPC whose end is a last message of the body, so that any HTTP carries it. Source: PROTOCOL-WEB.md. */
import { parseGrpcTimeout } from '../../call/grpc-timeout.ts';
import type { HeaderList, Inbound, RequestHead } from '../../call/types.ts';
import type { RpcDialect, RpcWire } from '../../rpc/dialect.ts';
import { ENVELOPE_BYTES, writeEnvelope } from '../../rpc/envelope.ts';
import { createRpcInbound, type RpcInboundOptions } from '../../rpc/inbound.ts';
import { statusHeaders } from '../../rpc/status-headers.ts';

/** The encoding of text may be said; there is one (PROTOCOL-WEB.md, "Text-encoded"). */
const TYPE = /^application\/grpc-web(-text(?:-base64)?)?(?:\+(proto|json))?\s*(?:;|$)/i;
const TEXT_ANSWER = /application\/grpc-web-text/i;
const BINARY_ANSWER = /application\/grpc-web(?!-text)/i;
/** "Message framing": the most significant bit of the flag is the end's. */
const TRAILERS_FLAG = 0x80;
const NOTHING = new Uint8Array();
/** Two request forms, two answer forms, two codecs. */
const WIRES: ReadonlyMap<string, RpcWire> = new Map(
  [false, true].flatMap((textRequest) =>
    [false, true].flatMap((textAnswer) =>
      (['proto', 'json'] as const).map((codec): [string, RpcWire] => [
        key(textRequest, textAnswer, codec),
        {
          codec,
          textRequest,
          textAnswer,
          contentType: `application/grpc-web${textAnswer ? '-text' : ''}+${codec}`,
        },
      ]),
    ),
  ),
);

const GRPC_WEB: RpcDialect = {
  protocol: 'grpc-web',
  contentType: 'application/grpc-web+proto',
  contentTypes:
    'application/grpc-web or application/grpc-web-text, either with +proto or +json behind it',
  encodingHeader: 'grpc-encoding',
  acceptEncodingHeader: 'grpc-accept-encoding',
  // "Compression": by standard Content-Encoding.
  codesBodies: true,
  // Also what is refused for its type.
  match: (head) =>
    head.header('content-type')?.toLowerCase().startsWith('application/grpc-web') === true,
  wireOf(head) {
    const match = TYPE.exec(head.header('content-type') ?? '');
    if (match === null) return undefined;
    const text = match[1] !== undefined;
    const codec = match[2]?.toLowerCase() === 'json' ? 'json' : 'proto';
    return WIRES.get(key(text, wantsText(head, text), codec));
  },
  check: () => {},
  timeoutMs(head) {
    const timeout = head.header('grpc-timeout');
    return timeout === undefined ? Infinity : parseGrpcTimeout(timeout);
  },
  statusOnly(headers, { status, call }) {
    headers.push(...statusHeaders(status, call));
    return NOTHING;
  },
  tail: ({ status, call }) => trailerFrame(statusHeaders(status, call)),
};

export function createGrpcWebInbound(options: RpcInboundOptions): Inbound {
  return createRpcInbound(GRPC_WEB, options);
}

/** The form of the answer is Accept's to say; where it names neither, it is that of the request. */
function wantsText(head: RequestHead, textRequest: boolean): boolean {
  const accept = head.header('accept');
  if (accept === undefined) return textRequest;
  if (TEXT_ANSWER.test(accept)) return true;
  return BINARY_ANSWER.test(accept) ? false : textRequest;
}

/** An HTTP/1 header block without the empty line at its end, names in lower case. */
function trailerFrame(trailers: HeaderList): Uint8Array {
  let text = '';
  for (let i = 0; i < trailers.length; i += 2) text += `${trailers[i]}:${trailers[i + 1]}\r\n`;
  const frame = Buffer.allocUnsafe(ENVELOPE_BYTES + text.length);
  writeEnvelope(frame, text.length);
  frame[0] = TRAILERS_FLAG;
  frame.write(text, ENVELOPE_BYTES, 'latin1');
  return frame;
}

function key(textRequest: boolean, textAnswer: boolean, codec: 'proto' | 'json'): string {
  return `${textRequest} ${textAnswer} ${codec}`;
}
