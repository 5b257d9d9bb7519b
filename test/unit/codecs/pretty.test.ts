import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { prettyJson } from '../../../src/codecs/proto-json/to-json/pretty.ts';

function pretty(json: string): string {
  return Buffer.from(prettyJson(Buffer.from(json))).toString();
}

test('any JSON as JSON.stringify indents it', () => {
  const property = fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
    assert.equal(pretty(JSON.stringify(value)), JSON.stringify(value, null, 2));
  });
  fc.assert(property, { numRuns: 2_000, seed: 11 });
});

test('strings with all that structures JSON, numbers as they are written', () => {
  const json = String.raw`{"a\\":"{[,:]}\"\\","b":[18446744073709551615,-0,1e-7],"é":"\u001f"}`;
  assert.equal(
    pretty(json),
    String.raw`{
  "a\\": "{[,:]}\"\\",
  "b": [
    18446744073709551615,
    -0,
    1e-7
  ],
  "é": "\u001f"
}`,
  );
});

test('empty lists and objects stay on their line', () => {
  assert.equal(
    pretty('{"a":[],"b":{},"c":[[]]}'),
    JSON.stringify({ a: [], b: {}, c: [[]] }, null, 2),
  );
  assert.deepEqual(['[]', '{}', '""', '0', 'null'].map(pretty), ['[]', '{}', '""', '0', 'null']);
});
