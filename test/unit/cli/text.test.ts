import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../../src/cli/arguments.ts';
import { splitUrl } from '../../../src/cli/explain.ts';
import { describeFailure } from '../../../src/cli/failure.ts';
import { columns, counted, shellQuoted } from '../../../src/cli/terminal.ts';
import { ConfigError } from '../../../src/config/problem.ts';

const URLS: readonly [url: string, path: string, query: string][] = [
  ['/v1/shelves/1', '/v1/shelves/1', ''],
  ['/v1/a?b=c&d=%20', '/v1/a', 'b=c&d=%20'],
  ['/v1/a?', '/v1/a', ''],
  ['v1/a', '/v1/a', ''],
  ['http://127.0.0.1:8080/v1/a?b#part', '/v1/a', 'b'],
  ['https://api.example.com', '/', ''],
  ['https://api.example.com?a=b', '/', 'a=b'],
  ['/v1/../a/./%2e', '/v1/../a/./%2e', ''],
  ['/v1/a b/ü?c=ß', '/v1/a%20b/%C3%BC', 'c=%C3%9F'],
  ['/v1/{name=a}:b', '/v1/{name=a}:b', ''],
];
for (const [url, path, query] of URLS) {
  test(`the raw path and query of ${url}`, () => {
    assert.deepEqual(splitUrl(url), { path, query });
  });
}

test('columns are as wide as their widest cell and end without spaces', () => {
  assert.deepEqual(columns([['a', 'b', 'c'], ['long', ''], []]), ['a     b  c', 'long', '']);
});

test('counts have the right form', () => {
  assert.deepEqual(
    [0, 1, 2].map((count) => counted(count, 'call')),
    ['0 calls', '1 call', '2 calls'],
  );
});

test('a word for a shell is quoted where it must be', () => {
  const url = 'http://127.0.0.1:8080/v1/shelves/1:watch';
  assert.equal(shellQuoted(url), url);
  assert.equal(shellQuoted('/v1/a?b=c'), `'/v1/a?b=c'`);
  assert.equal(shellQuoted(`it's`), String.raw`'it'\''s'`);
});

const FAILURES: readonly [name: string, thrown: unknown, text: RegExp, exitCode: number][] = [
  ['a usage error', new UsageError('no'), /^polygate: no\n\(--help shows the usage\)\n$/, 2],
  [
    'a wrong configuration',
    new ConfigError([{ path: 'a', expected: 'b', found: 'c' }], 'file'),
    /^file: 1 problem\n {2}a: expected b, found c\n$/,
    1,
  ],
  [
    'a file that may not be read',
    Object.assign(new Error('EACCES: permission denied, open x'), { syscall: 'open' }),
    /^EACCES: permission denied, open x\n$/,
    1,
  ],
  [
    'a taken port',
    new Error('port 1 is taken', {
      cause: Object.assign(new Error('listen'), { syscall: 'listen', code: 'EADDRINUSE' }),
    }),
    /^port 1 is taken\n--port and --admin-port choose others; 0 is any free one\n$/,
    1,
  ],
  ['a bug', new TypeError('oops'), /^polygate: internal error\nTypeError: oops\n +at /, 3],
  ['what is no error', 'text', /^polygate: text\n$/, 3],
];
for (const [name, thrown, text, exitCode] of FAILURES) {
  test(`what is said of ${name}`, () => {
    const failure = describeFailure(thrown);
    assert.match(failure.text, text);
    assert.equal(failure.exitCode, exitCode);
  });
}
