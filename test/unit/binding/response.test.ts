import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bind, binding, refusal } from '../../support/vectors-schema.ts';

/** Bytes of an Everything with this JSON. */
function everything(json: unknown): Uint8Array {
  return bind(binding('POST /v1/x', { body: '*' }), { body: JSON.stringify(json) }).bytes;
}

function rendered(responseBody: string, bytes: Uint8Array): unknown {
  const json = binding('GET /v1/x', { responseBody }).json(bytes);
  return JSON.parse(Buffer.from(json).toString());
}

const SET: readonly (readonly [string, unknown, unknown])[] = [
  ['f_string', { fString: 'x' }, 'x'],
  ['f_int64', { fInt64: '5' }, '5'],
  ['f_color', { fColor: 'RED' }, 'RED'],
  ['book', { book: { title: 'x' } }, { title: 'x' }],
  ['book', { book: {} }, {}],
  ['r_book', { rBook: [{ title: 'x' }] }, [{ title: 'x' }]],
  ['m_string', { mString: { a: 'b' } }, { a: 'b' }],
  ['w_time', { wTime: '2026-01-01T00:00:00Z' }, '2026-01-01T00:00:00Z'],
  ['w_struct', { wStruct: { a: null } }, { a: null }],
  ['o_string', { oString: '' }, ''],
  ['renamed', { otherName: 'x' }, 'x'],
];

for (const [field, json, expected] of SET) {
  test(`response_body "${field}"`, () => {
    assert.deepEqual(rendered(field, everything(json)), expected);
  });
}

const ABSENT: readonly (readonly [string, unknown])[] = [
  ['f_string', ''],
  ['f_bytes', ''],
  ['f_int32', 0],
  ['f_int64', '0'],
  ['f_double', 0],
  ['f_bool', false],
  ['f_color', 'COLOR_UNSPECIFIED'],
  ['r_string', []],
  ['m_string', {}],
  ['book', null],
  ['o_string', null],
  ['w_string', null],
  ['c_string', null],
];

for (const [field, expected] of ABSENT) {
  test(`response_body "${field}" that is not set is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(rendered(field, new Uint8Array()), expected);
  });
}

test('the whole message', () => {
  const json = { fInt64: '9007199254740993', fBytes: 'YQ==', book: { pageCount: 3 } };
  assert.deepEqual(rendered('', everything(json)), json);
});

test('an answer that cannot be read is the fault of the service', () => {
  const to = binding('GET /v1/x');
  for (const hex of ['8a017f', 'ff', '720280ff', '9204060a042f6e6f2e']) {
    const { pg, text } = refusal(() => to.json(Buffer.from(hex, 'hex')));
    assert.equal(pg, 'PG_RESPONSE_UNREADABLE', hex);
    assert.match(text, /can't be read as vectors\.v1\.Everything/);
  }
});

test('HttpBody as the whole request and response', () => {
  const to = binding('POST /v1/x', { body: '*', method: 'Send' });
  assert.deepEqual([to.requestBody, to.responseBody], ['raw', 'raw']);
  const data = Buffer.of(0, 255, 1);
  const { bytes } = bind(to, { body: data, contentType: 'image/png' });
  const { contentType, data: back } = to.raw(bytes);
  assert.deepEqual([contentType, Buffer.from(back)], ['image/png', data]);
  assert.equal(bind(to, {}).bytes.length, 0);
  assert.deepEqual(to.bindNext(data, 'image/png').bytes, bytes);
});

test('HttpBody as one field of the request', () => {
  const to = binding('PUT /v1/{name}/cover', { body: 'cover', method: 'Upload' });
  assert.equal(to.requestBody, 'raw');
  const { bytes } = bind(to, {
    captures: ['n'],
    query: 'size=3',
    body: Buffer.from('abc'),
    contentType: 'text/plain',
  });
  assert.equal(
    Buffer.from(bytes).toString('hex'),
    // cover { content_type data }, then size and name: query, then path
    '12110a0a746578742f706c61696e120361626318030a016e',
  );
  assert.equal(to.bindNext(Buffer.from('d'), undefined).bytes.length, 5);
});

test('HttpBody as one field of the response', () => {
  const to = binding('GET /v1/x', { responseBody: 'w_body' });
  assert.equal(to.responseBody, 'raw');
  const bytes = everything({ wBody: { contentType: 'text/plain', data: 'YWJj' } });
  const { contentType, data } = to.raw(bytes);
  assert.deepEqual([contentType, Buffer.from(data).toString()], ['text/plain', 'abc']);
  assert.deepEqual(to.raw(new Uint8Array()), { contentType: '', data: new Uint8Array() });
});

test('an Any may hold types that come along, imported or not', () => {
  const violations = [{ field: 'a', description: 'b' }];
  const json = {
    wAny: {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: violations,
    },
  };
  assert.deepEqual(rendered('', everything(json)), json);
  const inside = { ...json.wAny, fieldViolation: 1 };
  const { fields } = refusal(() => everything({ wAny: inside }));
  assert.deepEqual(fields, ['wAny.fieldViolation']);
});
