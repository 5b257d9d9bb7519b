import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinSchema } from '../../../src/schema/builtin.ts';

test('the built-in schema knows error details, well-known types and HttpBody, and serves nothing', () => {
  const schema = builtinSchema();
  for (const name of [
    'google.rpc.Status',
    'google.rpc.BadRequest.FieldViolation',
    'google.rpc.ErrorInfo',
    'google.rpc.RetryInfo',
    'google.protobuf.Any',
    'google.protobuf.Duration',
    'google.protobuf.Empty',
    'google.protobuf.FieldMask',
    'google.protobuf.ListValue',
    'google.protobuf.StringValue',
    'google.protobuf.Timestamp',
    'google.api.HttpBody',
  ]) {
    assert.ok(schema.messages.has(name), name);
  }
  assert.equal(schema.enums.get('google.rpc.Code')?.values.get('UNAUTHENTICATED'), 16);
  assert.equal(schema.services.size, 0);
  assert.deepEqual(schema.warnings, []);
  assert.equal(builtinSchema(), schema);
});

test('the types of the built-in schema encode and decode', () => {
  const { runtime } = builtinSchema().messages.get('google.rpc.Status') ?? {};
  assert.ok(runtime !== undefined);
  const bytes = runtime.encode(runtime.create({ code: 5, message: 'm' })).finish();
  assert.deepEqual(runtime.toObject(runtime.decode(bytes)), { code: 5, message: 'm' });
});
