import assert from 'node:assert/strict';
import { test } from 'node:test';
import { badRequest, retryInfo } from '../../../src/call/details.ts';
import { statusJson } from '../../../src/codecs/status.ts';
import { schema } from '../../support/vectors-schema.ts';

const book = Buffer.from('1201781803', 'hex'); // title "x", page_count 3

test('details are decoded with the schema, then with the google.rpc types', () => {
  const json = statusJson(
    {
      code: 'NOT_FOUND',
      message: 'no such book',
      details: [
        { typeUrl: 'type.googleapis.com/vectors.v1.Book', bytes: book },
        badRequest([{ field: 'a.b', description: 'is wrong' }]),
        retryInfo(1500),
      ],
    },
    schema,
  );
  assert.deepEqual(json, {
    code: 5,
    message: 'no such book',
    details: [
      { '@type': 'type.googleapis.com/vectors.v1.Book', title: 'x', pageCount: 3 },
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'a.b', description: 'is wrong' }],
      },
      { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.500s' },
    ],
  });
});

test('a well-known type stands under value, as in an Any', () => {
  const details = [
    { typeUrl: 'type.googleapis.com/google.protobuf.Duration', bytes: Uint8Array.of(8, 2) },
  ];
  assert.deepEqual(statusJson({ code: 'ABORTED', message: '', details }, null)['details'], [
    { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '2s' },
  ]);
});

test('a detail that cannot be decoded is base64 and fails nothing', () => {
  const details = [
    { typeUrl: 'type.googleapis.com/no.such.Type', bytes: Uint8Array.of(1, 2) },
    { typeUrl: 'type.googleapis.com/google.rpc.BadRequest', bytes: Uint8Array.of(0x0a, 0x7f) },
    { typeUrl: '', bytes: new Uint8Array() },
  ];
  assert.deepEqual(statusJson({ code: 'INTERNAL', message: 'm', details }, schema)['details'], [
    { '@type': 'type.googleapis.com/no.such.Type', value: 'AQI=' },
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', value: 'Cn8=' },
    { '@type': '', value: '' },
  ]);
});
