/** grpc-js as the client of a gateway that is mounted into somebody's server of HTTP/2. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import {
  credentials,
  makeGenericClientConstructor,
  Metadata,
  type ServiceError,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { loadProto, serviceOf } from '../../../examples/bookstore/protos.ts';
import type { Mounted } from './gateway.ts';

type Made = InstanceType<ReturnType<typeof makeGenericClientConstructor>>;

const PACKAGE = '/bookstore.v1.Bookstore';

export function grpcCases(mounted: () => Mounted): void {
  const service = serviceOf(
    loadProto('demo/bookstore/v1/bookstore.proto'),
    'bookstore.v1.Bookstore',
  );
  const Client = makeGenericClientConstructor(service, 'Bookstore');
  let client: Made;
  before(() => (client = new Client(`127.0.0.1:${mounted().port}`, credentials.createInsecure())));
  after(() => client.close());

  const method = (name: string) => {
    const found = service[name];
    if (found === undefined) throw new Error(name);
    const { requestSerialize, responseDeserialize } = found;
    return [`${PACKAGE}/${name}`, requestSerialize, responseDeserialize] as const;
  };
  const unary = (name: string, request: object): Promise<object> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(...method(name), request, new Metadata(), (error, value) => {
        if (error === null) resolve(value as object);
        else reject(error);
      });
    });

  test('unary', async () => {
    const book = await unary('GetBook', { name: 'shelves/1/books/1' });
    assert.equal(Reflect.get(book, 'name'), 'shelves/1/books/1');
  });

  test('the status of the service, and one of the gateway', async () => {
    const none = { name: 'shelves/1/books/none' };
    await assert.rejects(unary('GetBook', none), ({ code, details }: ServiceError) => {
      assert.equal(code, status.NOT_FOUND);
      assert.match(details, /none/);
      return true;
    });
    const [, serialize, deserialize] = method('GetBook');
    const code = await new Promise((resolve) => {
      const path = `${PACKAGE}/Nowhere`;
      client.makeUnaryRequest(path, serialize, deserialize, none, (error) => resolve(error?.code));
    });
    assert.equal(code, status.UNIMPLEMENTED);
  });

  test('a stream of the server that ends with an error', async () => {
    const call = client.makeServerStreamRequest(...method('StreamBooks'), { parent: 'shelves/3' });
    const names: unknown[] = [];
    call.on('data', (book: object) => names.push(Reflect.get(book, 'name')));
    const [error] = (await once(call, 'error')) as [ServiceError];
    assert.deepEqual([names, error.code], [['shelves/3/books/1'], status.DATA_LOSS]);
  });

  test('a stream of the client', async () => {
    const imported = await new Promise<object>((resolve, reject) => {
      const call = client.makeClientStreamRequest(...method('ImportBooks'), (error, value) => {
        if (error === null) resolve(value as object);
        else reject(error);
      });
      const book = { title: 'Mounted', isbn: '9780306406157' };
      for (let i = 0; i < 3; i++) call.write({ parent: 'shelves/2', book });
      call.end();
    });
    const failures = Reflect.get(imported, 'failures') as unknown[];
    // No two books have one ISBN.
    assert.ok(failures.length >= 2);
    assert.equal(Number(Reflect.get(imported, 'imported_count')) + failures.length, 3);
  });

  test('both ways, each message answered before the next is sent', async () => {
    const call = client.makeBidiStreamRequest(...method('Chat'));
    for (const text of ['one', 'two', 'three']) {
      call.write({ parent: 'shelves/1', sender: 'test', text });
      const [answer] = (await once(call, 'data')) as [object];
      assert.equal(Reflect.get(answer, 'parent'), 'shelves/1');
    }
    const ended = once(call, 'status');
    call.end();
    const [end] = (await ended) as [StatusObject];
    assert.equal(end.code, status.OK);
  });

  test('a client that leaves an endless stream is served again', async () => {
    const call = client.makeServerStreamRequest(...method('WatchShelf'), { name: 'shelves/1' });
    call.on('data', () => call.cancel());
    const [error] = (await once(call, 'error')) as [ServiceError];
    assert.equal(error.code, status.CANCELLED);
    await unary('GetBook', { name: 'shelves/1/books/1' });
  });
}
