/** The two messages of reflection, against protobufjs and the protos that come along. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { GatewayError } from '../../../src/call/error.ts';
import { addBundled } from '../../../src/schema/bundled.ts';
import { newRoot } from '../../../src/schema/collected.ts';
import { readRequest, writeResponse } from '../../../src/services/reflection-wire.ts';

const root = newRoot();
addBundled(root, ['grpc/reflection/v1/reflection.proto']);
const Request = root.lookupType('grpc.reflection.v1.ServerReflectionRequest');
const Response = root.lookupType('grpc.reflection.v1.ServerReflectionResponse');

function request(fields: Record<string, unknown>): Uint8Array {
  return Request.encode(Request.fromObject(fields)).finish();
}

for (const [fields, question] of [
  [{}, { kind: 'none' }],
  [{ file_by_filename: 'a' }, { kind: 'file', name: 'a' }],
  [{ file_containing_symbol: 'a' }, { kind: 'symbol', name: 'a' }],
  [
    { file_containing_extension: { containing_type: 'a', extension_number: 536_870_911 } },
    { kind: 'extension', name: 'a', number: 536_870_911 },
  ],
  [{ all_extension_numbers_of_type: 'a' }, { kind: 'extensionNumbers', name: 'a' }],
  [{ list_services: 'a' }, { kind: 'services' }],
] as const) {
  test(`reads ${JSON.stringify(fields)}`, () => {
    assert.deepEqual(readRequest(request({ ...fields, host: 'h' })), { host: 'h', question });
  });
}

test('of several questions the last counts, and unknown fields are passed over', () => {
  const bytes = Buffer.concat([
    request({ list_services: 'x' }),
    protobuf.Writer.create().uint32(800).uint32(1).finish(),
    request({ file_by_filename: 'a' }),
  ]);
  assert.deepEqual(readRequest(bytes).question, { kind: 'file', name: 'a' });
});

for (const bytes of [[0x1a], [0x1a, 5, 97], [0xff], [0x2a, 2, 0x0a, 9], [0x1b]]) {
  test(`bytes that are no request: ${bytes.join(' ')}`, () => {
    assert.throws(
      () => readRequest(Uint8Array.from(bytes)),
      (error) => error instanceof GatewayError && error.pg === 'PG_INVALID_VALUE',
    );
  });
}

test('writes each answer with the request as it came', () => {
  const asked = request({ host: 'h', list_services: 'x' });
  const read = (answer: Parameters<typeof writeResponse>[2]): Record<string, unknown> =>
    Response.toObject(Response.decode(writeResponse('h', asked, answer)));
  const base = { valid_host: 'h', original_request: { host: 'h', list_services: 'x' } };
  assert.deepEqual(read({ services: ['a', 'b'] }), {
    ...base,
    list_services_response: { service: [{ name: 'a' }, { name: 'b' }] },
  });
  assert.deepEqual(read({ type: 't', numbers: [1, 300] }), {
    ...base,
    all_extension_numbers_response: { base_type_name: 't', extension_number: [1, 300] },
  });
  assert.deepEqual(read({ files: [Uint8Array.of(1), Uint8Array.of(2, 3)] }), {
    ...base,
    file_descriptor_response: { file_descriptor_proto: [Uint8Array.of(1), Uint8Array.of(2, 3)] },
  });
  assert.deepEqual(read({ code: 'NOT_FOUND', message: 'ü' }), {
    ...base,
    error_response: { error_code: 5, error_message: 'ü' },
  });
});
