/** Dialogues over HTTP/1.1: the answer begins behind the upload, and who waits for it before is told why nothing comes. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { type FaultGateway, flush, startFaultGateway } from '../support/fault-gateway.ts';
import { envelope, respond } from '../support/scripted-grpc.ts';

const MESSAGE = envelope({ name: 'first' });
const FIRST_CHUNK = Buffer.concat([
  Buffer.from(`${MESSAGE.length.toString(16)}\r\n`),
  MESSAGE,
  Buffer.from('\r\n'),
]);

interface Dialogue {
  readonly socket: Socket;
  /** All that has come so far. */
  text(): string;
  readonly closed: Promise<void>;
  /** The service has answered the first message. */
  readonly answered: Promise<void>;
}

function open(t: TestContext, { gateway, peer }: FaultGateway, headers: string): Dialogue {
  const answered = Promise.withResolvers<void>();
  peer.script = ({ stream }) => {
    respond(stream, { 'grpc-status': '0' });
    stream.on('error', () => stream.destroy());
    stream.on('data', (chunk: Buffer) => stream.write(chunk, () => answered.resolve()));
    stream.on('end', () => stream.end());
  };
  const socket = connect(gateway.port, '127.0.0.1');
  t.after(() => socket.destroy());
  let text = '';
  const closed = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1');
    if (text.endsWith('\r\n0\r\n\r\n')) closed.resolve();
  });
  socket.on('close', () => closed.resolve());
  socket.write(
    `POST /fault.v1.Fault/Talk HTTP/1.1\r\nhost: a\r\n${headers}transfer-encoding: chunked\r\n\r\n`,
  );
  socket.write(FIRST_CHUNK);
  return { socket, text: () => text, closed: closed.promise, answered: answered.promise };
}

for (const [protocol, headers] of [
  ['Connect', 'content-type: application/connect+proto\r\nconnect-timeout-ms: 5000\r\n'],
  ['gRPC-Web', 'content-type: application/grpc-web\r\ngrpc-timeout: 5S\r\n'],
] as const) {
  describe(`${protocol} over HTTP/1.1`, () => {
    test('nothing is written until the upload is complete', async (t) => {
      const harness = await startFaultGateway(t);
      const dialogue = open(t, harness, headers);
      await dialogue.answered;
      await flush(harness);
      assert.equal(dialogue.text(), '');
      dialogue.socket.write(FIRST_CHUNK);
      dialogue.socket.write('0\r\n\r\n');
      await dialogue.closed;
      assert.match(dialogue.text(), /^HTTP\/1\.1 200 /);
      assert.equal(dialogue.text().split('first').length, 3);
    });

    test('a client that waits for an answer first is told what can do that', async (t) => {
      const harness = await startFaultGateway(t);
      const dialogue = open(t, harness, headers);
      await dialogue.answered;
      await flush(harness);
      harness.clock.advance(5_020);
      await dialogue.closed;
      assert.match(dialogue.text(), /a dialogue needs HTTP\/2, with gRPC, gRPC-Web or Connect/);
      assert.match(
        dialogue.text(),
        protocol === 'Connect' ? /"code":"deadline_exceeded"/ : /grpc-status: 4/i,
      );
    });
  });
}
