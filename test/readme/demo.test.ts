/** `npm run demo`: every line that it prints works when pasted, also behind a gateway without any configuration. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { curlLines } from '../../examples/curl-lines.ts';
import { start } from '../support/command.ts';
import { runCurl } from '../support/curl.ts';
import { startDemoProcess } from '../support/demo-process.ts';

const ANY_ORIGIN = 'http://127.0.0.1:0';

describe('npm run demo', () => {
  test('prints the lines of curl-lines.ts, and each gives the status that it should, again and again', async (t) => {
    const { commands, origin } = await startDemoProcess(t);
    const lines = linesAt(origin);
    assert.deepEqual(
      commands,
      lines.map(({ command }) => command),
    );
    for (const { command, status } of [...lines, ...lines]) {
      const answer = await runCurl(command);
      assert.equal(answer.status, status, `${command}\n${answer.output}`);
    }
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    test(`${signal} ends it with 0, streams that are still open with it`, async (t) => {
      const { child, exit, origin } = await startDemoProcess(t);
      const response = await fetch(`${origin}/v1/shelves/1:watch`);
      child.kill(signal);
      assert.match(await response.text(), /"opened"/);
      assert.equal(await exit, 0);
    });
  }

  test('a busy port means the next free one, and the lines say which', async (t) => {
    const busy = await listenAnywhere(t);
    const { output, origin } = await startDemoProcess(t, `${busy},0,0`);
    assert.ok(Number(new URL(origin).port) > busy);
    assert.match(output, /on another port, since theirs is busy: gateway\n/);
    assert.ok(output.includes(`curl ${origin}/v1/shelves/1/books/1\n`));
  });
});

describe('polygate grpc://HOST:PORT', () => {
  test('serves the lines of the demo with no configuration', async (t) => {
    const { bookstore } = await startDemoProcess(t);
    const gateway = start(t, [`grpc://${bookstore}`, '--port', '0', '--admin-port', '0']);
    const [, origin = ''] = await gateway.errHas(/listens on (http:\S+),/);
    for (const { command, status } of linesAt(origin)) {
      const answer = await runCurl(command);
      assert.equal(answer.status, status, `${command}\n${answer.output}`);
    }
  });
});

test('every command stands on its own and names the gateway once', () => {
  for (const { command, caption } of linesAt(ANY_ORIGIN)) {
    assert.equal(command.split(ANY_ORIGIN).length, 2, command);
    assert.ok(!command.includes('\n') && !caption.includes('\n'));
  }
});

function linesAt(origin: string): ReturnType<typeof curlLines>[number]['lines'] {
  return curlLines(origin).flatMap(({ lines }) => lines);
}

async function listenAnywhere(t: TestContext): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
