/** Heads that arrive in two parts, cut at every byte, cold and behind a remembered one, mean what they mean in one. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GatewayError } from '../../src/call/error.ts';
import { HeadReader } from '../../src/http1/head-reader.ts';
import type { Peer } from '../../src/http1/head.ts';
import { LIMITS } from '../support/listener-options.ts';

interface Case {
  readonly name: string;
  readonly request: string;
}

const peer: Peer = { scheme: 'http', peer: '127.0.0.1' };
const GOOD = Buffer.from('GET /good HTTP/1.1\r\nhost: a\r\n\r\n');
const BEHIND = 'GET /behind HTTP/1.1\r\nhost: a\r\n\r\n';

const requests = globSync('test/smuggling/*.json').flatMap(
  (file) => JSON.parse(readFileSync(file, 'utf8')) as Case[],
);

/** What is read of the parts: the head and where it ends, or that it is refused. */
function verdict(parts: readonly Buffer[], warm: boolean): string {
  const reader = new HeadReader(LIMITS, peer);
  if (warm) reader.read(GOOD, 0);
  let before = 0;
  try {
    for (const part of parts) {
      const read = part.length === 0 ? null : reader.read(part, 0);
      if (read instanceof GatewayError) return 'refused';
      if (read !== null) {
        const { verb, path, query, httpVersion } = read;
        return `${verb} ${path} ${query} ${httpVersion} ends at ${before + reader.end}`;
      }
      before += part.length;
    }
    return 'more';
  } finally {
    reader.close();
  }
}

test('at every byte', () => {
  assert.ok(requests.length >= 200);
  for (const { name, request } of requests) {
    const bytes = Buffer.from(request + BEHIND, 'latin1');
    const whole = verdict([bytes], false);
    assert.notEqual(whole, 'more', name);
    assert.equal(verdict([bytes], true), whole, `${name}, warm`);
    for (let at = 1; at < bytes.length; at++) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      for (const warm of [false, true]) {
        assert.equal(verdict(parts, warm), whole, `${name}, cut at ${at}, warm: ${warm}`);
      }
    }
  }
});
