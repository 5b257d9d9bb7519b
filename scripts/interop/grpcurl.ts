/** grpcurl knows no schema but what the gateway's reflection tells it: lists, describes and calls. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { requireTool, runTool } from './peers/process.ts';

export interface GrpcurlTarget {
  readonly port: number;
  /** Where it speaks TLS. */
  readonly caFile: string | undefined;
}

/** What is printed behind these words; `body` is the request as JSON. */
type Ask = (words: readonly string[], body?: string) => Promise<string>;

export const GRPCURL_CASES: Readonly<Record<string, (ask: Ask) => Promise<void>>> = {
  async list(ask) {
    assert.deepEqual((await ask(['list'])).trim().split('\n'), [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'grpc.testing.TestService',
    ]);
  },
  async describe(ask) {
    const service = await ask(['describe', 'grpc.testing.TestService']);
    assert.match(service, /rpc EmptyCall \( \.grpc\.testing\.Empty \) returns/);
    const message = await ask(['describe', 'grpc.testing.SimpleRequest']);
    assert.match(message, /\.grpc\.testing\.Payload payload = 3;/);
  },
  async call(ask) {
    const body = JSON.stringify({ responseSize: 3 });
    const answer = await ask(['grpc.testing.TestService/UnaryCall'], body);
    assert.deepEqual(JSON.parse(answer), { payload: { body: 'AAAA' } });
  },
  async 'server stream'(ask) {
    const body = JSON.stringify({ responseParameters: [{ size: 1 }, { size: 2 }] });
    const answer = await ask(['grpc.testing.TestService/StreamingOutputCall'], body);
    assert.deepEqual(answer.match(/"A+=*"/g), ['"AA=="', '"AAA="']);
  },
  async bidi(ask) {
    const body = JSON.stringify({ responseParameters: [{ size: 1 }] });
    const answer = await ask(['grpc.testing.TestService/FullDuplexCall'], `${body} ${body}`);
    assert.deepEqual(answer.match(/"A+=*"/g), ['"AA=="', '"AA=="']);
  },
  async error(ask) {
    const body = JSON.stringify({ responseStatus: { code: 5, message: 'gone' } });
    const failed = ask(['grpc.testing.TestService/UnaryCall'], body);
    await assert.rejects(failed, /Code: NotFound\s+Message: gone/);
  },
  async health(ask) {
    const answer = await ask(['grpc.health.v1.Health/Check']);
    assert.deepEqual(JSON.parse(answer), { status: 'SERVING' });
  },
};

/** Rejects with what it said. */
export function runGrpcurl(binary: string, name: string, target: GrpcurlTarget): Promise<void> {
  const security = target.caFile === undefined ? ['-plaintext'] : ['-cacert', target.caFile];
  const run = GRPCURL_CASES[name];
  if (run === undefined) throw new Error(`no case ${name}`);
  return run(async (words, body) => {
    const data = body === undefined ? [] : ['-d', body];
    const args = [...security, ...data, `127.0.0.1:${target.port}`, ...words];
    const { stdout } = await promisify(execFile)(binary, args, { timeout: 20_000 });
    return stdout;
  });
}

/** The path of the program; the first run downloads and builds it. */
export function grpcurl(cache: string): string {
  requireTool('go', 'version');
  mkdirSync(cache, { recursive: true });
  const words = [`GOBIN=${cache}`, 'go', 'install', `${MODULE}@v1.9.1`];
  runTool('env', words, cache);
  return join(cache, 'grpcurl');
}

const MODULE = 'github.com/fullstorydev/grpcurl/cmd/grpcurl';
