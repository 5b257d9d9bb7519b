/** What a peer may not do (RFC 9113), as the frames that it sends on stream 1 and the code that it is told. */
import { HEAD_BLOCK, rawFrame, SETTINGS, TRAILERS_BLOCK } from './http2-frames.ts';

export type Violation = readonly [name: string, code: number, ...frames: readonly Buffer[]];

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const STREAM_CLOSED = 5;
const FRAME_SIZE_ERROR = 6;
const COMPRESSION_ERROR = 9;
const ENHANCE_YOUR_CALM = 11;

export const head: Buffer = rawFrame(1, 4, 1, HEAD_BLOCK);
const headEnds = rawFrame(1, 5, 1, HEAD_BLOCK);
export const trailers: Buffer = rawFrame(1, 5, 1, TRAILERS_BLOCK);
const many = (count: number, bytes: Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => bytes));
const text = (name: string, value: string): string =>
  [name, value]
    .map(
      (part) => `${part.length.toString(16).padStart(2, '0')}${Buffer.from(part).toString('hex')}`,
    )
    .join('');

/** They end the connection with GOAWAY. */
export const CONNECTION_VIOLATIONS: readonly Violation[] = [
  ['a frame larger than allowed', FRAME_SIZE_ERROR, rawFrame(0, 0, 1, Buffer.alloc(16_385))],
  ['DATA of the connection', PROTOCOL_ERROR, rawFrame(0, 0, 0, '00')],
  ['DATA on a stream that was never opened', PROTOCOL_ERROR, rawFrame(0, 0, 3, '00')],
  ['DATA on a stream of its own', PROTOCOL_ERROR, rawFrame(0, 0, 2, '00')],
  ['more padding than DATA', PROTOCOL_ERROR, head, rawFrame(0, 8, 1, '0500')],
  ['padded DATA without a length', PROTOCOL_ERROR, head, rawFrame(0, 8, 1)],
  ['HEADERS of the connection', PROTOCOL_ERROR, rawFrame(1, 4, 0, HEAD_BLOCK)],
  ['HEADERS on a stream that was never opened', PROTOCOL_ERROR, rawFrame(1, 4, 5, HEAD_BLOCK)],
  ['HEADERS behind the end', STREAM_CLOSED, headEnds, head],
  ['DATA behind the end', STREAM_CLOSED, headEnds, rawFrame(0, 0, 1, '00')],
  ['HEADERS without their priority', FRAME_SIZE_ERROR, rawFrame(1, 0x24, 1, '0000')],
  ['a broken header block', COMPRESSION_ERROR, rawFrame(1, 4, 1, '80')],
  ['a frame within a header block', PROTOCOL_ERROR, rawFrame(1, 0, 1, HEAD_BLOCK), SETTINGS],
  [
    'DATA within a header block',
    PROTOCOL_ERROR,
    rawFrame(1, 0, 1, HEAD_BLOCK),
    rawFrame(0, 0, 1, '00'),
  ],
  [
    'CONTINUATION of another stream',
    PROTOCOL_ERROR,
    rawFrame(1, 0, 1, HEAD_BLOCK),
    rawFrame(9, 4, 3),
  ],
  ['CONTINUATION of nothing', PROTOCOL_ERROR, rawFrame(9, 4, 1)],
  [
    'CONTINUATION without an end',
    ENHANCE_YOUR_CALM,
    rawFrame(1, 0, 1),
    many(40, rawFrame(9, 0, 1, '82')),
  ],
  ['PRIORITY of the connection', PROTOCOL_ERROR, rawFrame(2, 0, 0, '0000000000')],
  ['RST_STREAM of the connection', PROTOCOL_ERROR, rawFrame(3, 0, 0, '00000000')],
  ['RST_STREAM on an idle stream', PROTOCOL_ERROR, rawFrame(3, 0, 9, '00000000')],
  ['RST_STREAM of a broken length', FRAME_SIZE_ERROR, rawFrame(3, 0, 1, '0000')],
  ['SETTINGS on a stream', PROTOCOL_ERROR, rawFrame(4, 0, 1)],
  ['SETTINGS of a broken length', FRAME_SIZE_ERROR, rawFrame(4, 0, 0, '00')],
  ['an acknowledgement with content', FRAME_SIZE_ERROR, rawFrame(4, 1, 0, '000400000000')],
  ['a window that is too large', FLOW_CONTROL_ERROR, rawFrame(4, 0, 0, '000480000000')],
  ['a largest frame that is too small', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000500003fff')],
  ['a largest frame that is too large', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000501000000')],
  ['a server that allows pushing', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000200000001')],
  ['PUSH_PROMISE', PROTOCOL_ERROR, rawFrame(5, 4, 1, '00000002')],
  ['PING on a stream', PROTOCOL_ERROR, rawFrame(6, 0, 1, Buffer.alloc(8))],
  ['PING of a broken length', FRAME_SIZE_ERROR, rawFrame(6, 0, 0, Buffer.alloc(7))],
  ['GOAWAY on a stream', PROTOCOL_ERROR, rawFrame(7, 0, 1, Buffer.alloc(8))],
  ['GOAWAY of a broken length', FRAME_SIZE_ERROR, rawFrame(7, 0, 0, Buffer.alloc(7))],
  ['a window widened by nothing', PROTOCOL_ERROR, rawFrame(8, 0, 0, '00000000')],
  ['a window that overflows', FLOW_CONTROL_ERROR, rawFrame(8, 0, 0, '7fffffff')],
  ['WINDOW_UPDATE of a broken length', FRAME_SIZE_ERROR, rawFrame(8, 0, 0, '00')],
  ['WINDOW_UPDATE on an idle stream', PROTOCOL_ERROR, rawFrame(8, 0, 7, '00000001')],
  ['a flood of PING', ENHANCE_YOUR_CALM, many(3_000, rawFrame(6, 0, 0, Buffer.alloc(8)))],
  ['a flood of SETTINGS', ENHANCE_YOUR_CALM, many(3_000, SETTINGS)],
  ['a flood of empty DATA', ENHANCE_YOUR_CALM, head, many(3_000, rawFrame(0, 0, 1))],
  ['a flood of unknown frames', ENHANCE_YOUR_CALM, many(3_000, rawFrame(0xbe, 0, 1))],
];

/** They end the stream with RST_STREAM, and the connection goes on. */
export const STREAM_VIOLATIONS: readonly Violation[] = [
  ['DATA before the head', PROTOCOL_ERROR, rawFrame(0, 0, 1, '00')],
  ['no :status', PROTOCOL_ERROR, rawFrame(1, 5, 1, TRAILERS_BLOCK)],
  ['a name in upper case', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('Ab', 'c')}`)],
  [
    'a pseudo-header behind the others',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 1, `8800${text('a', 'b')}88`),
  ],
  ['a header of connections', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('upgrade', 'c')}`)],
  ['a line break in a value', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('a', 'c\r\n')}`)],
  ['two :status', PROTOCOL_ERROR, rawFrame(1, 4, 1, '8888')],
  ['an interim head that ends it', PROTOCOL_ERROR, rawFrame(1, 5, 1, '0803313033')],
  ['trailers that do not end it', PROTOCOL_ERROR, head, rawFrame(1, 4, 1, TRAILERS_BLOCK)],
  ['trailers with :status', PROTOCOL_ERROR, head, headEnds],
  ['a window widened by nothing', PROTOCOL_ERROR, rawFrame(8, 0, 1, '00000000')],
  ['a window that overflows', FLOW_CONTROL_ERROR, rawFrame(8, 0, 1, '7fffffff')],
  [
    'more DATA than its window',
    FLOW_CONTROL_ERROR,
    head,
    many(17, rawFrame(0, 0, 1, Buffer.alloc(16_384))),
  ],
  ['headers that are too large', PROTOCOL_ERROR, ...largeHead()],
  ['DATA behind its end', STREAM_CLOSED, headEnds, rawFrame(0, 0, 1, '00')],
];

function largeHead(): Buffer[] {
  const part = Buffer.from(`00${text('a', 'x'.repeat(100))}`, 'hex');
  const block = Buffer.concat([Buffer.from('88', 'hex'), many(150, part)]);
  const next = many(150, part);
  return [
    rawFrame(1, 0, 1, block),
    ...Array.from({ length: 3 }, () => rawFrame(9, 0, 1, next)),
    rawFrame(9, 4, 1, next),
  ];
}
