/** gRPC clients on the port of the running gateway, beside REST clients. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startFaultGateway } from '../support/fault-gateway.ts';
import { rawGrpcClient } from '../support/raw-grpc-client.ts';
import { decodeItem, envelope, respond } from '../support/scripted-grpc.ts';

const good = envelope({ name: 'good' });

describe('one port', () => {
  test('a gRPC client and a REST client call the same method', async (t) => {
    const harness = await startFaultGateway(t);
    const client = rawGrpcClient(t, harness.gateway.port);
    const answer = await client.send('Get', good);
    assert.deepEqual([answer.httpStatus, answer.end['grpc-status']], [200, '0']);
    assert.deepEqual(decodeItem(answer.body.subarray(5)), { name: 'good' });
    const rest = await harness.send('GET', '/v1/items/good');
    assert.deepEqual([rest.status, JSON.parse(rest.body)], [200, { name: 'good' }]);
    assert.equal(harness.peer.calls, 2);
  });

  test('the service hears what the gateway adds, and not what gRPC owns', async (t) => {
    const harness = await startFaultGateway(t);
    const heads: Record<string, unknown>[] = [];
    harness.peer.script = ({ stream, headers }) => {
      heads.push(headers);
      stream.resume();
      respond(stream, { 'grpc-status': '0' });
      stream.end(good);
    };
    await rawGrpcClient(t, harness.gateway.port).send('Get', good, {
      'x-tenant': 'a',
      'x-key-bin': 'AAH/',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-proto': 'lies',
      'user-agent': 'test',
      'grpc-accept-encoding': 'gzip',
    });
    const [head] = heads;
    assert.equal(head?.['x-tenant'], 'a');
    assert.equal(head['x-key-bin'], 'AAH/');
    assert.equal(head['x-forwarded-for'], '10.0.0.1, 127.0.0.1');
    assert.equal(head['x-forwarded-proto'], 'http');
    assert.equal(head['x-forwarded-host'], `127.0.0.1:${harness.gateway.port}`);
    assert.equal(head['user-agent'], 'polygate');
  });

  test('metadata rules of a route hold for gRPC clients', async (t) => {
    const settings = { metadata: { in: { deny: ['x-secret'] }, out: { deny: ['x-inner'] } } };
    const harness = await startFaultGateway(t, settings);
    const secrets: unknown[] = [];
    harness.peer.script = ({ stream, headers }) => {
      secrets.push(headers['x-secret']);
      stream.resume();
      respond(stream, { 'grpc-status': '0', 'x-inner': 'b' }, { 'x-inner': 'a', 'x-outer': 'c' });
      stream.end(good);
    };
    const client = rawGrpcClient(t, harness.gateway.port);
    for (const method of ['Get', 'Watch']) {
      const { headers, end, body } = await client.send(method, good, { 'x-secret': 's' });
      assert.deepEqual(
        [headers['x-inner'], headers['x-outer'], end['x-inner']],
        [undefined, 'c', undefined],
      );
      assert.deepEqual(body, good);
    }
    assert.deepEqual(secrets, [undefined, undefined]);
  });

  test('application/grpc over HTTP/1.1 is no gRPC, since there is no way to end it', async (t) => {
    const harness = await startFaultGateway(t);
    const { status } = await harness.send('POST', '/fault.v1.Fault/Get', {
      headers: { 'content-type': 'application/grpc' },
      body: good.toString('latin1'),
    });
    assert.equal(status, 415);
    assert.equal(harness.peer.calls, 0);
  });
});

describe('who ends it', () => {
  test('a refused call has its line in the log, under the id that the client has', async (t) => {
    const harness = await startFaultGateway(t);
    const answer = await rawGrpcClient(t, harness.gateway.port).send('/no.Service/Method', good);
    assert.equal(answer.end['grpc-status'], '12');
    const line = harness.log.lines.find(({ fields }) => fields['protocol'] === 'grpc');
    assert.equal(line?.fields['pg'], 'PG_METHOD_NOT_FOUND');
    assert.equal(line.fields['id'], answer.headers['x-request-id']);
    assert.equal(line.fields['code'], 'UNIMPLEMENTED');
  });

  test('a deadline of the route, while the service says nothing', async (t) => {
    const harness = await startFaultGateway(t, { timeout: '5s' });
    const arrived = Promise.withResolvers<void>();
    harness.peer.script = () => arrived.resolve();
    const answer = rawGrpcClient(t, harness.gateway.port).send('Get', good);
    await arrived.promise;
    harness.clock.advance(5_020);
    assert.equal((await answer).end['grpc-status'], '4');
  });

  test('a stream that moves is not idle, one that does not is ended behind what came', async (t) => {
    const harness = await startFaultGateway(t, { idle: '5s' });
    let write = (): void => {};
    const begun = Promise.withResolvers<void>();
    harness.peer.script = ({ stream }) => {
      respond(stream, { 'grpc-status': '0' });
      write = () => void stream.write(good);
      begun.resolve();
    };
    const call = rawGrpcClient(t, harness.gateway.port).open('Watch');
    call.stream.end(good);
    await begun.promise;
    for (let round = 0; round < 3; round++) {
      const came = new Promise((resolve) => call.stream.once('data', resolve));
      write();
      await came;
      harness.clock.advance(4_000);
    }
    harness.clock.advance(1_020);
    const { end, body } = await call.answer;
    assert.deepEqual([end['grpc-status'], body.length], ['4', 3 * good.length]);
    assert.match(
      Buffer.from(String(end['grpc-status-details-bin']), 'base64').toString('latin1'),
      /PG_IDLE_TIMEOUT/,
    );
  });

  for (const method of ['Get', 'Watch', 'Upload', 'Talk']) {
    test(`${method}: a drain lets it finish, and ends it politely when the time is over`, async (t) => {
      const harness = await startFaultGateway(t, { drain: '5s' });
      const arrived = Promise.withResolvers<void>();
      harness.peer.script = ({ stream }) => {
        if (method === 'Watch' || method === 'Talk') respond(stream, { 'grpc-status': '0' });
        arrived.resolve();
      };
      const call = rawGrpcClient(t, harness.gateway.port).open(method);
      if (method === 'Get' || method === 'Watch') call.stream.end(good);
      else call.stream.write(good);
      await arrived.promise;
      const closed = harness.gateway.close();
      harness.clock.advance(5_000);
      const { end } = await call.answer;
      assert.equal(end['grpc-status'], '14');
      const details = Buffer.from(String(end['grpc-status-details-bin']), 'base64').toString(
        'latin1',
      );
      assert.match(details, /PG_DRAIN.*google\.rpc\.RetryInfo/s);
      harness.clock.advance(1_000);
      assert.equal(await closed, 1);
      assert.equal(harness.peer.open, 0);
    });
  }
});
