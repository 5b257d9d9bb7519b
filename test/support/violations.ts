/** What a peer may not do (RFC 9113), as the frames that it sends on stream 1 and the code that it is told. */
import { HEAD_BLOCK, rawFrame, SETTINGS, TRAILERS_BLOCK } from './http2-frames.ts';

export type Violation = readonly [
  name: string,
  /** Of RFC 9113, where no other is named. */
  section: string,
  code: number,
  ...frames: readonly Buffer[],
];

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const STREAM_CLOSED = 5;
const FRAME_SIZE_ERROR = 6;
const COMPRESSION_ERROR = 9;
const ENHANCE_YOUR_CALM = 11;

export const head: Buffer = rawFrame(1, 4, 1, HEAD_BLOCK);
/** A head that promises three bytes of content. */
export const headOfThree: Buffer = rawFrame(1, 4, 1, '880f0d0133');
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
  ['a frame larger than allowed', '4.2', FRAME_SIZE_ERROR, rawFrame(0, 0, 1, Buffer.alloc(16_385))],
  ['DATA of the connection', '6.1', PROTOCOL_ERROR, rawFrame(0, 0, 0, '00')],
  ['DATA on a stream that was never opened', '5.1', PROTOCOL_ERROR, rawFrame(0, 0, 3, '00')],
  ['DATA on a stream of its own', '5.1.1', PROTOCOL_ERROR, rawFrame(0, 0, 2, '00')],
  ['more padding than DATA', '6.1', PROTOCOL_ERROR, head, rawFrame(0, 8, 1, '0500')],
  ['padded DATA without a length', '6.1', PROTOCOL_ERROR, head, rawFrame(0, 8, 1)],
  ['HEADERS of the connection', '6.2', PROTOCOL_ERROR, rawFrame(1, 4, 0, HEAD_BLOCK)],
  [
    'HEADERS on a stream that was never opened',
    '5.1.1',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 5, HEAD_BLOCK),
  ],
  ['HEADERS behind the end', '5.1', STREAM_CLOSED, headEnds, head],
  ['DATA behind the end', '5.1', STREAM_CLOSED, headEnds, rawFrame(0, 0, 1, '00')],
  ['HEADERS without their priority', '4.2', FRAME_SIZE_ERROR, rawFrame(1, 0x24, 1, '0000')],
  ['a broken header block', '4.3', COMPRESSION_ERROR, rawFrame(1, 4, 1, '80')],
  ['a frame within a header block', '4.3', PROTOCOL_ERROR, rawFrame(1, 0, 1, HEAD_BLOCK), SETTINGS],
  [
    'DATA within a header block',
    '6.10',
    PROTOCOL_ERROR,
    rawFrame(1, 0, 1, HEAD_BLOCK),
    rawFrame(0, 0, 1, '00'),
  ],
  [
    'CONTINUATION of another stream',
    '6.10',
    PROTOCOL_ERROR,
    rawFrame(1, 0, 1, HEAD_BLOCK),
    rawFrame(9, 4, 3),
  ],
  ['CONTINUATION of nothing', '6.10', PROTOCOL_ERROR, rawFrame(9, 4, 1)],
  [
    'CONTINUATION without an end',
    '10.5',
    ENHANCE_YOUR_CALM,
    rawFrame(1, 0, 1),
    many(40, rawFrame(9, 0, 1, '82')),
  ],
  ['PRIORITY of the connection', '6.3', PROTOCOL_ERROR, rawFrame(2, 0, 0, '0000000000')],
  ['RST_STREAM of the connection', '6.4', PROTOCOL_ERROR, rawFrame(3, 0, 0, '00000000')],
  ['RST_STREAM on an idle stream', '6.4', PROTOCOL_ERROR, rawFrame(3, 0, 9, '00000000')],
  ['RST_STREAM of a broken length', '6.4', FRAME_SIZE_ERROR, rawFrame(3, 0, 1, '0000')],
  ['SETTINGS on a stream', '6.5', PROTOCOL_ERROR, rawFrame(4, 0, 1)],
  ['SETTINGS of a broken length', '6.5', FRAME_SIZE_ERROR, rawFrame(4, 0, 0, '00')],
  ['an acknowledgement with content', '6.5', FRAME_SIZE_ERROR, rawFrame(4, 1, 0, '000400000000')],
  ['a window that is too large', '6.5.2', FLOW_CONTROL_ERROR, rawFrame(4, 0, 0, '000480000000')],
  ['a largest frame that is too small', '6.5.2', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000500003fff')],
  ['a largest frame that is too large', '6.5.2', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000501000000')],
  ['a server that allows pushing', '6.5.2', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000200000001')],
  ['PUSH_PROMISE', '6.6', PROTOCOL_ERROR, rawFrame(5, 4, 1, '00000002')],
  ['PING on a stream', '6.7', PROTOCOL_ERROR, rawFrame(6, 0, 1, Buffer.alloc(8))],
  ['PING of a broken length', '6.7', FRAME_SIZE_ERROR, rawFrame(6, 0, 0, Buffer.alloc(7))],
  ['GOAWAY on a stream', '6.8', PROTOCOL_ERROR, rawFrame(7, 0, 1, Buffer.alloc(8))],
  ['GOAWAY of a broken length', '4.2', FRAME_SIZE_ERROR, rawFrame(7, 0, 0, Buffer.alloc(7))],
  ['a window widened by nothing', '6.9', PROTOCOL_ERROR, rawFrame(8, 0, 0, '00000000')],
  ['a window that overflows', '6.9.1', FLOW_CONTROL_ERROR, rawFrame(8, 0, 0, '7fffffff')],
  ['WINDOW_UPDATE of a broken length', '6.9', FRAME_SIZE_ERROR, rawFrame(8, 0, 0, '00')],
  ['WINDOW_UPDATE on an idle stream', '5.1', PROTOCOL_ERROR, rawFrame(8, 0, 7, '00000001')],
  ['a flood of PING', '10.5', ENHANCE_YOUR_CALM, many(3_000, rawFrame(6, 0, 0, Buffer.alloc(8)))],
  ['a flood of SETTINGS', '10.5', ENHANCE_YOUR_CALM, many(3_000, SETTINGS)],
  ['a flood of empty DATA', '10.5', ENHANCE_YOUR_CALM, head, many(3_000, rawFrame(0, 0, 1))],
  ['a flood of unknown frames', '10.5', ENHANCE_YOUR_CALM, many(3_000, rawFrame(0xbe, 0, 1))],
  ['a push that is neither on nor off', '6.5.2', PROTOCOL_ERROR, rawFrame(4, 0, 0, '000200000002')],
  ['more padding than HEADERS', '6.2', PROTOCOL_ERROR, rawFrame(1, 0x0c, 1, '0588')],
  ['PRIORITY of a broken length', '6.3', FRAME_SIZE_ERROR, rawFrame(2, 0, 1, '00000000')],
  ['PRIORITY on itself', 'RFC 7540 5.3.1', PROTOCOL_ERROR, rawFrame(2, 0, 1, '0000000100')],
  [
    'GOAWAY within a header block',
    '6.10',
    PROTOCOL_ERROR,
    rawFrame(1, 0, 1, HEAD_BLOCK),
    rawFrame(7, 0, 0, Buffer.alloc(8)),
  ],
  ['HEADERS within a header block', '6.10', PROTOCOL_ERROR, rawFrame(1, 0, 1, HEAD_BLOCK), head],
  [
    'an unknown frame within a header block',
    '5.5',
    PROTOCOL_ERROR,
    rawFrame(1, 0, 1, HEAD_BLOCK),
    rawFrame(0xbe, 0, 1),
  ],
  ['an entry that no table has', 'RFC 7541 2.3.3', COMPRESSION_ERROR, rawFrame(1, 4, 1, '88be')],
  [
    'a table larger than allowed',
    'RFC 7541 6.3',
    COMPRESSION_ERROR,
    rawFrame(1, 4, 1, '3fe1ff0388'),
  ],
  ['a table resized behind a field', 'RFC 7541 4.2', COMPRESSION_ERROR, rawFrame(1, 4, 1, '8820')],
  [
    'an integer without an end',
    'RFC 7541 5.1',
    COMPRESSION_ERROR,
    rawFrame(1, 4, 1, '88ffffffffffffffffff'),
  ],
  ['a string that is cut off', 'RFC 7541 5.2', COMPRESSION_ERROR, rawFrame(1, 4, 1, '88000561')],
  [
    'a string of Huffman codes with an end',
    'RFC 7541 5.2',
    COMPRESSION_ERROR,
    rawFrame(1, 4, 1, '8800016184ffffffff'),
  ],
  [
    'a string of Huffman codes with bad padding',
    'RFC 7541 5.2',
    COMPRESSION_ERROR,
    rawFrame(1, 4, 1, '880001618100'),
  ],
  ['a broken block of trailers', '4.3', COMPRESSION_ERROR, head, rawFrame(1, 5, 1, '80')],
  ['a flood of PRIORITY', '10.5', ENHANCE_YOUR_CALM, many(3_000, rawFrame(2, 0, 1, '0000000010'))],
  [
    'a flood of interim heads',
    '10.5',
    ENHANCE_YOUR_CALM,
    many(3_000, rawFrame(1, 4, 1, '0803313033')),
  ],
];

/** They end the stream with RST_STREAM, and the connection goes on. */
export const STREAM_VIOLATIONS: readonly Violation[] = [
  ['DATA before the head', '8.1', PROTOCOL_ERROR, rawFrame(0, 0, 1, '00')],
  ['no :status', '8.3.2', PROTOCOL_ERROR, rawFrame(1, 5, 1, TRAILERS_BLOCK)],
  ['a name in upper case', '8.2.1', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('Ab', 'c')}`)],
  [
    'a pseudo-header behind the others',
    '8.3',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 1, `8800${text('a', 'b')}88`),
  ],
  [
    'a header of connections',
    '8.2.2',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 1, `8800${text('upgrade', 'c')}`),
  ],
  [
    'a line break in a value',
    '8.2.1',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 1, `8800${text('a', 'c\r\n')}`),
  ],
  ['two :status', '8.3', PROTOCOL_ERROR, rawFrame(1, 4, 1, '8888')],
  ['an interim head that ends it', '8.1', PROTOCOL_ERROR, rawFrame(1, 5, 1, '0803313033')],
  ['trailers that do not end it', '8.1', PROTOCOL_ERROR, head, rawFrame(1, 4, 1, TRAILERS_BLOCK)],
  ['trailers with :status', '8.1', PROTOCOL_ERROR, head, headEnds],
  ['a window widened by nothing', '6.9', PROTOCOL_ERROR, rawFrame(8, 0, 1, '00000000')],
  ['a window that overflows', '6.9.1', FLOW_CONTROL_ERROR, rawFrame(8, 0, 1, '7fffffff')],
  [
    'more DATA than its window',
    '6.9.1',
    FLOW_CONTROL_ERROR,
    head,
    // Nor is it a message: who gives the window back at once stumbles over that.
    many(17, rawFrame(0, 0, 1, Buffer.alloc(16_384, 2))),
  ],
  [
    'less DATA than its content-length',
    '8.1.1',
    PROTOCOL_ERROR,
    headOfThree,
    rawFrame(0, 1, 1, '0000'),
  ],
  [
    'trailers before its content-length',
    '8.1.1',
    PROTOCOL_ERROR,
    headOfThree,
    rawFrame(0, 0, 1, '0000'),
    trailers,
  ],
  [
    'more DATA than its content-length',
    '8.1.1',
    PROTOCOL_ERROR,
    headOfThree,
    rawFrame(0, 0, 1, '00000000'),
  ],
  [
    'a content-length that is none',
    '8.1.1',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 1, `8800${text('content-length', '3x')}`),
  ],
  ['headers that are too large', '10.5.1', PROTOCOL_ERROR, ...largeHead()],
  ['DATA behind its end', '5.1', STREAM_CLOSED, headEnds, rawFrame(0, 0, 1, '00')],
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding'].map(
    (name): Violation => [
      `${name}, which is of connections`,
      '8.2.2',
      PROTOCOL_ERROR,
      rawFrame(1, 4, 1, `8800${text(name, 'c')}`),
    ],
  ),
  ['a :status that is no number', '8.3.2', PROTOCOL_ERROR, rawFrame(1, 4, 1, '0803616263')],
  ['a :status of two digits', '8.3.2', PROTOCOL_ERROR, rawFrame(1, 4, 1, '08023230')],
  ['a pseudo-header of requests', '8.3', PROTOCOL_ERROR, rawFrame(1, 4, 1, '8882')],
  [
    'a pseudo-header that nobody knows',
    '8.3',
    PROTOCOL_ERROR,
    rawFrame(1, 4, 1, `8800${text(':a', 'c')}`),
  ],
  ['a name that is empty', '8.2.1', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('', 'c')}`)],
  ['a blank in a name', '8.2.1', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('a b', 'c')}`)],
  ['a NUL in a value', '8.2.1', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('a', 'b\0')}`)],
  ['a blank before a value', '8.2.1', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('a', ' b')}`)],
  ['a blank behind a value', '8.2.1', PROTOCOL_ERROR, rawFrame(1, 4, 1, `8800${text('a', 'b ')}`)],
  [
    'trailers with a name in upper case',
    '8.2.1',
    PROTOCOL_ERROR,
    head,
    rawFrame(1, 5, 1, `00${text('A', 'b')}`),
  ],
  [
    'trailers with a header of connections',
    '8.2.2',
    PROTOCOL_ERROR,
    head,
    rawFrame(1, 5, 1, `00${text('upgrade', 'b')}`),
  ],
  [
    'a window of SETTINGS and of its own that overflow',
    '6.9.1',
    FLOW_CONTROL_ERROR,
    rawFrame(4, 0, 0, '00047fffffff'),
    rawFrame(8, 0, 1, '0000ffff'),
  ],
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
