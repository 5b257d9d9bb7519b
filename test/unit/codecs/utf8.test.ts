import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8Text } from '../../../src/codecs/utf8.ts';
import { refusal } from '../../support/vectors-schema.ts';

test('valid text of every length passes', () => {
  assert.equal(utf8Text(Buffer.from('aé€😀\ufeff')), 'aé€😀\ufeff');
  assert.equal(utf8Text(new Uint8Array()), '');
});

const INVALID: readonly (readonly [string, number[], number])[] = [
  ['a continuation byte alone', [0x61, 0x80], 1],
  ['a lead byte that is never used', [0xc0, 0xaf], 0],
  ['an overlong form', [0x61, 0xe0, 0x80, 0x80], 1],
  ['a surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80], 2],
  ['a character that is cut off', [0xc3, 0xa9, 0xe2, 0x82], 2],
  ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 0],
  ['Latin-1', [...Buffer.from('{"a":"caf'), 0xe9, 0x22, 0x7d], 9],
];

for (const [name, bytes, offset] of INVALID) {
  test(`${name} is refused with its offset`, () => {
    const { pg, text } = refusal(() => utf8Text(Uint8Array.from(bytes)));
    assert.equal(pg, 'PG_NOT_UTF8');
    assert.equal(text, `the body is not UTF-8 at byte ${offset}`);
  });
}
