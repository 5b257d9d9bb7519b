/** The command that runs: what it says when it is up, how it waits, and how it ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { startBookstore, type Bookstore } from '../../examples/bookstore/server.ts';
import { ROOT, type Running, start } from '../support/command.ts';
import { runCurl } from '../support/curl.ts';
import {
  envelope,
  respond,
  type ScriptedGrpc,
  startScriptedGrpc,
} from '../support/scripted-grpc.ts';

const ANY_PORTS = ['--port', '0', '--admin-port', '0'];
const FAULT = ['--proto', join(ROOT, 'test/support/protos/fault/v1/fault.proto')];

const folder = mkdtempSync(join(tmpdir(), 'polygate-serve-'));
let bookstore: Bookstore;
let scripted: ScriptedGrpc;
before(async () => {
  bookstore = await startBookstore();
  scripted = await startScriptedGrpc();
});
after(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([bookstore.close(), scripted.close()]);
});

/** The address that the start-up text says. */
async function originOf(running: Running): Promise<string> {
  const [, origin = ''] = await running.errHas(/^polygate listens on (http:\S+?),? /m);
  return origin;
}

/** A port where nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The head of the answer; the body goes on. */
function request(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).on('error', reject);
  });
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return text;
}

/** A gateway in front of the scripted service, with a server stream that has sent one message and goes on. */
async function startStreaming(
  t: TestContext,
  drain: string,
): Promise<{
  readonly running: Running;
  readonly response: IncomingMessage;
  readonly finish: () => void;
}> {
  const file = join(folder, `drain-${drain}.config.ts`);
  writeFileSync(
    file,
    `import { defineConfig } from 'polygate';
export default defineConfig({
  drain: '${drain}' as const,
  upstreams: {
    fault: {
      protocol: 'grpc',
      endpoints: ['127.0.0.1:${scripted.port}'],
      schema: { protos: [${JSON.stringify(FAULT[1])}] },
    },
  },
  routes: [{ services: '*', upstream: 'fault' }],
});
`,
  );
  let finish = (): void => {};
  scripted.script = ({ stream }) => {
    respond(stream, { 'grpc-status': '0' });
    stream.write(envelope({ name: 'first' }));
    finish = () => stream.end(envelope({ name: 'last' }));
  };
  const running = start(t, ['serve', '-c', file, ...ANY_PORTS], { cwd: folder });
  const response = await request(`${await originOf(running)}/v1/items:watch`);
  assert.equal(response.statusCode, 200);
  return { running, response, finish: () => finish() };
}

test('an address alone is served: methods, a line that works when pasted, log on standard output', async (t) => {
  const address = `grpc://127.0.0.1:${bookstore.port}`;
  const running = start(t, [address, ...ANY_PORTS], { cwd: folder });
  const [, curl = ''] = await running.errHas(/^(curl .*)\n/m);
  const { status, output } = await runCurl(curl);
  assert.equal(status, 200);
  assert.match(output, /"shelves"/);
  running.child.kill('SIGINT');
  const { code, out, err } = await running.exit;
  assert.equal(code, 0);
  assert.match(err, /^ {2}GET {5}\/v1\/shelves +bookstore\.v1\.Bookstore\/ListShelves$/m);
  assert.match(err, /^Every method also answers POST \/pkg\.Service\/Method/m);
  assert.doesNotMatch(err, /grpc\.(?:reflection|health)/);
  assert.match(err, /\nSIGINT: finishing what is in flight, for 10 s at most\n$/);
  const log = out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);
  assert.deepEqual(log, ['polygate is listening', 'polygate is stopping', 'polygate has stopped']);
});

test('a server that is not up is waited for, told once; Ctrl-C ends the wait', async (t) => {
  const port = await freePort();
  const running = start(t, [`grpc://127.0.0.1:${port}`, ...ANY_PORTS], { cwd: folder });
  const told = `waiting for 127.0.0.1:${port} to tell its schema (connect ECONNREFUSED 127.0.0.1:${port}); Ctrl-C ends\n`;
  await running.outHas(/"attempt":2,/);
  running.child.kill('SIGINT');
  const { code, err } = await running.exit;
  assert.deepEqual(
    { code, err },
    { code: 0, err: `${told}SIGINT: stopped before anything was served\n` },
  );
});

test('a server that comes up later is served', async (t) => {
  const port = await freePort();
  const running = start(t, [`grpc://127.0.0.1:${port}`, ...ANY_PORTS], { cwd: folder });
  await running.errHas(/^waiting for /m);
  const late = await startBookstore({ port });
  t.after(() => late.close());
  assert.equal((await request(`${await originOf(running)}/v1/shelves`)).statusCode, 200);
});

test('a taken port is said with the option that changes it, exit code 1', async (t) => {
  const words = [`grpc://127.0.0.1:1`, ...FAULT, '--admin-port', '0'];
  const running = start(t, [...words, '--port', String(bookstore.port)], { cwd: folder });
  assert.partialDeepStrictEqual(await running.exit, {
    code: 1,
    err: `port ${bookstore.port} on 127.0.0.1 is taken by another process\n--port and --admin-port choose others; 0 is any free one\n`,
  });
});

test('SIGTERM lets a stream in flight finish and takes no new connection', async (t) => {
  const { running, response, finish } = await startStreaming(t, '10s');
  const origin = await originOf(running);
  running.child.kill('SIGTERM');
  await running.outHas(/polygate is stopping/);
  await assert.rejects(request(`${origin}/v1/items/a`), { code: /^ECONN(?:REFUSED|RESET)$/ });
  finish();
  assert.equal(await readAll(response), '{"name":"first"}\n{"name":"last"}\n');
  const { code, err } = await running.exit;
  assert.equal(code, 0);
  assert.match(err, /\nSIGTERM: finishing what is in flight, for 10 s at most\n$/);
});

test('what does not finish within the drain time is cut, which is said and ends with exit code 3', async (t) => {
  const { running, response } = await startStreaming(t, '50ms');
  running.child.kill('SIGTERM');
  const [first, last = ''] = (await readAll(response)).trimEnd().split('\n');
  assert.equal(first, '{"name":"first"}');
  assert.match(last, /^\{"error":\{"code":14,.*PG_DRAIN/);
  const { code, out, err } = await running.exit;
  assert.equal(code, 3);
  assert.match(err, /\ncut 1 call that had not finished within 0\.05 s\n$/);
  assert.match(out, /"cut":1,"msg":"calls were cut at the end of the drain time"/);
});

test('a second signal ends at once, exit code 3', async (t) => {
  const { running, response } = await startStreaming(t, '10s');
  running.child.kill('SIGTERM');
  await running.outHas(/polygate is stopping/);
  running.child.kill('SIGINT');
  await assert.rejects(readAll(response), { code: 'ECONNRESET' });
  const { code, err } = await running.exit;
  assert.equal(code, 3);
  assert.match(err, /at most\nSIGINT: ended at once\n$/);
});

test('an error that nothing catches is logged with its stack and ends the process, exit code 3', async (t) => {
  const thrower = `setTimeout(() => { throw new Error('out of the blue'); }, 0);`;
  // Armed by the line that says that the gateway is up, so that it finds one running.
  const hook = `const write = process.stderr.write.bind(process.stderr);
    process.stderr.write = (text, ...rest) => {
      if (String(text).startsWith('polygate listens')) { ${thrower} }
      return write(text, ...rest);
    };`;
  const node = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  const words = ['grpc://127.0.0.1:1', ...FAULT, ...ANY_PORTS];
  const { code, out, err } = await start(t, words, { cwd: folder, node }).exit;
  assert.equal(code, 3);
  assert.match(err, /polygate: internal error, the process ends\nError: out of the blue\n +at /);
  const last = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  assert.partialDeepStrictEqual(last, {
    level: 'error',
    origin: 'uncaughtException',
    reason: 'out of the blue',
    msg: 'internal error, the process ends',
  });
});
