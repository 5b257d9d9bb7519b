import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';
import { PROTOS } from '../../../examples/bookstore/protos.ts';
import { type Answer, startPeer } from './peer.ts';
import { readBindings } from './rules.ts';

const METHOD = 'ServerReflectionInfo';
const BOOKSTORE_FILE = 'demo/bookstore/v1/bookstore.proto';

function namesOf(answer: Answer): string[] {
  return answer.file_descriptor_response.file_descriptor_proto.map((bytes: Uint8Array) => {
    const file: descriptor.IFileDescriptorProto = descriptor.FileDescriptorProto.decode(
      bytes,
    ) as object;
    return file.name ?? '';
  });
}

for (const version of ['v1', 'v1alpha']) {
  const service = [
    `grpc/reflection/${version}/reflection.proto`,
    `grpc.reflection.${version}.ServerReflection`,
  ] as const;

  describe(`reflection ${version}`, () => {
    test('lists the services', async (t) => {
      const peer = await startPeer(t, {}, service);
      const { messages } = await peer.talk(METHOD, [{ host: 'h', list_services: '' }]);
      assert.equal(messages[0].valid_host, 'h');
      assert.equal(messages[0].original_request.message_request, 'list_services');
      const names = messages[0].list_services_response.service.map(
        ({ name }: { name: string }) => name,
      );
      assert.deepEqual(names.toSorted(), [
        'bookstore.v1.Bookstore',
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
      ]);
    });

    test('a symbol brings its file with all it needs, options included', async (t) => {
      const peer = await startPeer(t, {}, service);
      const { messages } = await peer.talk(METHOD, [
        { file_containing_symbol: 'bookstore.v1.Bookstore' },
      ]);
      const names = namesOf(messages[0]);
      assert.equal(names[0], BOOKSTORE_FILE);
      assert.deepEqual(names.toSorted(), [
        BOOKSTORE_FILE,
        'google/api/annotations.proto',
        'google/api/http.proto',
        'google/api/httpbody.proto',
        'google/protobuf/any.proto',
        'google/protobuf/descriptor.proto',
        'google/protobuf/duration.proto',
        'google/protobuf/empty.proto',
        'google/protobuf/field_mask.proto',
        'google/protobuf/timestamp.proto',
        'google/protobuf/wrappers.proto',
      ]);
      const [bytes] = messages[0].file_descriptor_response.file_descriptor_proto;
      const root = protobuf.loadSync(`${PROTOS}/google/api/http.proto`);
      root.lookupType('google.api.HttpRule');
      assert.deepEqual(readBindings(root, bytes).get('UpdateBook'), [
        {
          verb: 'patch',
          path: '/v1/{book.name=shelves/*/books/*}',
          body: 'book',
          responseBody: '',
        },
      ]);
    });

    test('what a stream has brought is not brought again, but for the file asked for', async (t) => {
      const peer = await startPeer(t, {}, service);
      const { messages } = await peer.talk(METHOD, [
        { file_by_filename: 'google/api/annotations.proto' },
        { file_containing_symbol: 'bookstore.v1.Bookstore.GetBook' },
        { file_containing_symbol: 'bookstore.v1.Book.State' },
      ]);
      assert.equal(namesOf(messages[0]).length, 3);
      assert.ok(!namesOf(messages[1]).includes('google/api/http.proto'));
      assert.deepEqual(namesOf(messages[2]), [BOOKSTORE_FILE]);
    });

    test('finds extensions', async (t) => {
      const peer = await startPeer(t, {}, service);
      const containing_type = 'google.protobuf.MethodOptions';
      const { messages } = await peer.talk(METHOD, [
        { all_extension_numbers_of_type: containing_type },
        { file_containing_extension: { containing_type, extension_number: 72295728 } },
      ]);
      assert.deepEqual(messages[0].all_extension_numbers_response, {
        base_type_name: containing_type,
        extension_number: [72295728],
      });
      assert.equal(namesOf(messages[1])[0], 'google/api/annotations.proto');
    });

    test('what is not known is told, and the stream goes on', async (t) => {
      const peer = await startPeer(t, {}, service);
      const { messages, error } = await peer.talk(METHOD, [
        { file_by_filename: 'x.proto' },
        { file_containing_symbol: 'x.Y' },
        { file_containing_extension: { containing_type: 'x.Y', extension_number: 1 } },
        { all_extension_numbers_of_type: 'x.Y' },
        {},
        { file_by_filename: BOOKSTORE_FILE },
      ]);
      assert.equal(error, undefined);
      assert.deepEqual(
        messages.map(({ error_response }) => error_response?.error_code),
        [...Array.from({ length: 4 }, () => status.NOT_FOUND), status.INVALID_ARGUMENT, undefined],
      );
    });
  });
}
