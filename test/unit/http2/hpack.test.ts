/** HPACK against the examples of RFC 7541 Appendix C, against its own encoder, and with blocks that are none. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HpackDecoder, type SectionBounds } from '../../../src/http2/hpack/decode.ts';
import { encodeHeaders } from '../../../src/http2/hpack/encode.ts';
import { HpackFault } from '../../../src/http2/hpack/fault.ts';
import { huffmanDecode } from '../../../src/http2/hpack/huffman.ts';
import { huffmanEncode } from '../../support/huffman.ts';

const REQUESTS = [
  ':method GET|:scheme http|:path /|:authority www.example.com',
  ':method GET|:scheme http|:path /|:authority www.example.com|cache-control no-cache',
  ':method GET|:scheme https|:path /index.html|:authority www.example.com|custom-key custom-value',
];
const DATE_1 = 'date Mon, 21 Oct 2013 20:13:21 GMT';
const DATE_2 = 'date Mon, 21 Oct 2013 20:13:22 GMT';
const COOKIE = 'set-cookie foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1';
const RESPONSES = [
  `:status 302|cache-control private|${DATE_1}|location https://www.example.com`,
  `:status 307|cache-control private|${DATE_1}|location https://www.example.com`,
  `:status 200|cache-control private|${DATE_2}|location https://www.example.com|content-encoding gzip|${COOKIE}`,
];

describe('the examples of RFC 7541', () => {
  for (const [name, tableBytes, lists, blocks] of [
    [
      'C.3, requests without Huffman',
      4096,
      REQUESTS,
      [
        '828684410f7777772e6578616d706c652e636f6d',
        '828684be58086e6f2d6361636865',
        '828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565',
      ],
    ],
    [
      'C.4, requests with Huffman',
      4096,
      REQUESTS,
      [
        '828684418cf1e3c2e5f23a6ba0ab90f4ff',
        '828684be5886a8eb10649cbf',
        '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
      ],
    ],
    [
      'C.5, responses without Huffman, with eviction',
      256,
      RESPONSES,
      [
        '4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d',
        '4803333037c1c0bf',
        '88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31',
      ],
    ],
    [
      'C.6, responses with Huffman, with eviction',
      256,
      RESPONSES,
      [
        '488264025885aec3771a4b6196d07abe941054d444a820059504 0b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
        '4883640effc1c0bf',
        '88c16196d07abe941054d444a820059504 0b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007',
      ],
    ],
  ] as const) {
    test(name, () => {
      const decoder = new HpackDecoder(tableBytes, bounds(65_536));
      blocks.forEach((block, i) => {
        assert.deepEqual(decoder.decode(hex(block)).fields, pairs(lists[i] ?? ''));
      });
    });
  }
});

describe('blocks', () => {
  test('what is encoded is decoded, whatever bytes it has', () => {
    const text = fc
      .uint8Array({ maxLength: 200 })
      .map((bytes) => Buffer.from(bytes).toString('latin1'));
    const name = fc.oneof(fc.constantFrom(':path', 'authorization', 'grpc-timeout', 'date'), text);
    const headers = fc.array(fc.tuple(name, text), { maxLength: 20 });
    const decoder = new HpackDecoder(4096, bounds(1 << 20));
    fc.assert(
      fc.property(headers, (list) => {
        const flat = list.flat();
        assert.deepEqual(decoder.decode(encodeHeaders(flat)).fields, flat);
      }),
      { seed: 5, numRuns: 500 },
    );
  });

  for (const [name, headers, block] of [
    ['a pair of the static table is one byte', ':method POST', '83'],
    ['a name of the static table', 'via x', '0f2d0178'],
    ['names of credentials are never indexed', 'authorization b', '1f080162'],
    ['text is written as it is', 'grpc-timeout 1S', '000c677270632d74696d656f7574023153'],
  ] as const) {
    test(name, () => {
      assert.equal(Buffer.from(encodeHeaders(pairs(headers))).toString('hex'), block);
    });
  }

  test('any bytes give a list or a fault, and the same twice', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const both = [0, 1].map(() =>
          attempt(() => new HpackDecoder(4096, bounds(4096)).decode(bytes)),
        );
        assert.deepEqual(both[0], both[1]);
        assert.notEqual(both[0], 'other');
      }),
      { seed: 5, numRuns: 5_000 },
    );
  });

  test('a block is remembered only as long as the table stays', () => {
    const decoder = new HpackDecoder(4096, bounds(65_536));
    decoder.decode(hex('400161 0162'));
    assert.deepEqual(decoder.decode(hex('be')).fields, ['a', 'b']);
    assert.equal(decoder.decode(hex('be')), decoder.decode(hex('be')));
    decoder.decode(hex('400163 0164'));
    assert.deepEqual(decoder.decode(hex('be')).fields, ['c', 'd']);
  });

  test('a block that adds to the table adds each time that it comes', () => {
    const decoder = new HpackDecoder(4096, bounds(1000));
    // `a: b` with incremental indexing, then a reference to the oldest of three entries and to one that is not there.
    for (let i = 0; i < 3; i++)
      assert.deepEqual(decoder.decode(hex('4001610162')).fields, ['a', 'b']);
    assert.deepEqual(decoder.decode(hex('c0')).fields, ['a', 'b']);
    assert.throws(() => decoder.decode(hex('c1')), /there is no entry 65/);
    // What referred to an entry is forgotten where a remembered block moves it.
    assert.deepEqual(decoder.decode(hex('4001630164')).fields, ['c', 'd']);
    assert.deepEqual(decoder.decode(hex('be')).fields, ['c', 'd']);
    assert.deepEqual(decoder.decode(hex('4001610162')).fields, ['a', 'b']);
    assert.deepEqual(decoder.decode(hex('be')).fields, ['a', 'b']);
  });

  test('a list that is too large is none, and the table is in step behind it', () => {
    const decoder = new HpackDecoder(4096, bounds(100));
    assert.equal(decoder.decode(hex(`400161 7f01${'62'.repeat(128)}`)).beyond, 'bytes');
    assert.equal(decoder.decode(hex('be')).beyond, 'bytes');
    assert.deepEqual(decoder.decode(hex('82')).fields, [':method', 'GET']);
  });

  for (const [name, block] of [
    ['index 0', '80'],
    ['an index beyond both tables', 'be'],
    ['a name beyond both tables', '7f00 0161'],
    ['a string that is cut off', '00 05 61'],
    ['no value', '00 01 61'],
    ['an integer without an end', 'ffffffffffffffffffff'],
    ['a table larger than allowed', '3fe21f'],
    ['a table that is resized behind a field', '82 20'],
    ['padding of more than seven bits', '00 82 1fff 01 61'],
    ['padding of zeros', '00 81 18 01 61'],
    ['the end-of-string code', '00 84 ffffffff 01 61'],
  ] as const) {
    test(`${name} is a fault`, () => {
      assert.throws(() => new HpackDecoder(4096, bounds(4096)).decode(hex(block)), HpackFault);
    });
  }
});

test('the Huffman code of each byte, alone and among others', () => {
  for (let byte = 0; byte < 256; byte++) {
    for (const text of [byteText(byte), `a${byteText(byte)}${byteText(255 - byte)}0`]) {
      const bytes = huffmanEncode(text);
      assert.equal(huffmanDecode(bytes, 0, bytes.length), text);
    }
  }
});

function byteText(byte: number): string {
  return String.fromCharCode(byte);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

/** `name value|name value` as a flat list. */
function pairs(text: string): string[] {
  return text.split('|').flatMap((pair) => {
    const space = pair.indexOf(' ');
    return [pair.slice(0, space), pair.slice(space + 1)];
  });
}

function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof HpackFault ? error.message : 'other';
  }
}

function bounds(listBytes: number): SectionBounds {
  return { listBytes, listFields: Infinity };
}
