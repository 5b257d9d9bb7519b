/** `buf curl` calls the gateway by each of its three protocols, and knows no schema but what reflection tells it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { GrpcurlTarget } from './grpcurl.ts';
import { PROTOS } from './messages.ts';
import { LeftOut } from './peers/peer.ts';
import { requireTool } from './peers/process.ts';

export const BUF_PROTOCOLS = ['grpc', 'grpcweb', 'connect'] as const;
export type BufProtocol = (typeof BUF_PROTOCOLS)[number];

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `path` is behind the origin. */
type Curl = (path: string, ...words: readonly string[]) => Promise<Said>;

const SERVICE = '/grpc.testing.TestService';
/** From the number of gRPC to the exit code of buf. */
const NOT_FOUND = 5 << 3;

export const BUF_CASES: Readonly<Record<string, (curl: Curl) => Promise<void>>> = {
  list: async (curl) => {
    const methods = (await good(curl, '', '--list-methods')).trim().split('\n');
    assert.ok(methods.includes('grpc.testing.TestService/FullDuplexCall'), methods.join());
  },
  unary: async (curl) => {
    const answers = await call(curl, 'UnaryCall', { responseSize: 3 });
    assert.deepEqual(answers, [{ payload: { body: 'AAAA' } }]);
  },
  'server stream': async (curl) => {
    const sizes = { responseParameters: [{ size: 1 }, { size: 2 }] };
    const answers = await call(curl, 'StreamingOutputCall', sizes);
    assert.deepEqual(answers, [{ payload: { body: 'AA==' } }, { payload: { body: 'AAA=' } }]);
  },
  'client stream': async (curl) => {
    const message = { payload: { body: 'AAAA' } };
    const answers = await call(curl, 'StreamingInputCall', message, message);
    assert.deepEqual(answers, [{ aggregatedPayloadSize: 6 }]);
  },
  bidi: async (curl) => {
    const message = { responseParameters: [{ size: 1 }] };
    const answers = await call(curl, 'FullDuplexCall', message, message);
    assert.deepEqual(answers, [{ payload: { body: 'AA==' } }, { payload: { body: 'AA==' } }]);
  },
  error: async (curl) => {
    const request = JSON.stringify({ responseStatus: { code: 5, message: 'gone' } });
    const { code, stderr } = await curl(`${SERVICE}/UnaryCall`, '-d', request);
    assert.deepEqual(
      [code, JSON.parse(stderr)],
      [NOT_FOUND, { code: 'not_found', message: 'gone' }],
    );
  },
  /** Without reflection, which needs HTTP/2; over TLS it is HTTP/2 all the same. */
  'unary, by a schema of its own': async (curl) => {
    const words = ['--reflect=false', '--schema', PROTOS, '-d', '{"responseSize":3}'];
    const answer = await good(curl, `${SERVICE}/UnaryCall`, ...words);
    assert.deepEqual(JSON.parse(answer), { payload: { body: 'AAAA' } });
  },
};

/** Rejects with what it said. */
export function runBuf(
  binary: string,
  name: string,
  protocol: BufProtocol,
  { port, caFile }: GrpcurlTarget,
): Promise<void> {
  const run = BUF_CASES[name];
  if (run === undefined) throw new Error(`no case ${name}`);
  const origin = `${caFile === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const common = ['curl', '--protocol', protocol, ...(caFile ? ['--cacert', caFile] : [])];
  return run(
    (path, ...words) =>
      new Promise((resolve) => {
        const args = [...common, ...words, `${origin}${path}`];
        execFile(binary, args, { timeout: 20_000 }, (error, stdout, stderr) =>
          resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
        );
      }),
  );
}

async function good(curl: Curl, path: string, ...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await curl(path, ...words);
  assert.equal(code, 0, stderr);
  return stdout;
}

async function call(
  curl: Curl,
  method: string,
  ...requests: readonly object[]
): Promise<unknown[]> {
  const data = requests.map((request) => JSON.stringify(request)).join(' ');
  const printed = await good(curl, `${SERVICE}/${method}`, '-d', data);
  // One indented object behind the other.
  return printed
    .split(/(?<=^\})\n/m)
    .filter(Boolean)
    .map((text) => JSON.parse(text) as unknown);
}

/** The path of the program: what is on this machine or has been built into `cache`. To build it takes minutes, so nobody is made to. */
export function buf(cache: string): string {
  const built = join(cache, 'buf');
  if (existsSync(built)) return built;
  try {
    requireTool('buf', '--version');
  } catch (error) {
    if (!(error instanceof LeftOut)) throw error;
    throw new LeftOut(`${error.message}; GOBIN=${cache} go install ${MODULE} takes minutes`);
  }
  return 'buf';
}

const MODULE = 'github.com/bufbuild/buf/cmd/buf@v1.75.0';
