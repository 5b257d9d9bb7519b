import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GatewayError } from '../../../src/call/error.ts';
import { createHttpTable } from '../../../src/routing/http-table.ts';
import type { HttpTable } from '../../../src/routing/http-table.ts';
import { parseTemplate } from '../../../src/routing/template.ts';

/** A table of lines as `GET /v1/{id}`; the target of a rule is its line. */
function tableOf(...lines: readonly string[]): HttpTable<string> {
  const builder = createHttpTable<string>();
  for (const line of lines) {
    const [verb = '', template = ''] = line.split(' ');
    builder.add(verb, parseTemplate(template), line, `test: ${line}`);
  }
  const { table, conflicts } = builder.build();
  assert.deepEqual(conflicts, []);
  return table;
}

/** The line of the rule that answers, with its captures. */
function answer(table: HttpTable<string>, request: string): string | undefined {
  const [verb = '', path = ''] = request.split(' ');
  const match = table.match(verb, path);
  return match && [match.target, ...match.captures].join(' | ');
}

/** Each line: the rules, a request, what answers (undefined for nothing). */
type Case = readonly [rules: readonly string[], request: string, answer: string | undefined];

function run(cases: readonly Case[]): void {
  for (const [rules, request, expected] of cases) {
    test(`${request} on ${rules.join(', ')}`, () => {
      assert.equal(answer(tableOf(...rules), request), expected);
      assert.equal(answer(tableOf(...[...rules].reverse()), request), expected);
    });
  }
}

describe('precedence', () => {
  run([
    [['GET /v1/{id}', 'GET /v1/top'], 'GET /v1/top', 'GET /v1/top'],
    [['GET /v1/{id}', 'GET /v1/**'], 'GET /v1/x', 'GET /v1/{id} | x'],
    [['GET /v1/{p=**}', 'GET /v1/*/b'], 'GET /v1/x/y', 'GET /v1/{p=**} | x/y'],
    // From the left: the literal in the first segment decides, though the other rule has more of them.
    [['GET /a/*/*', 'GET /*/b/c'], 'GET /a/b/c', 'GET /a/*/*'],
    // A dead end behind the literal does not hide the rule with "*".
    [['GET /a/b/c', 'GET /*/b/d'], 'GET /a/b/d', 'GET /*/b/d'],
    [['GET /a', 'GET /a/**'], 'GET /a', 'GET /a'],
    [['GET /a/**', 'GET /a/**/b'], 'GET /a/x/b', 'GET /a/**/b'],
    [['GET /a/**/b', 'GET /a/**/*/b'], 'GET /a/x/b', 'GET /a/**/b'],
    [['GET /a/**/c', 'GET /a/**/b/*'], 'GET /a/b/c', 'GET /a/**/b/*'],
    [['GET /v1/{id}', 'GET /v1/{id}:run'], 'GET /v1/x:run', 'GET /v1/{id}:run | x'],
    // Segments come before the verb.
    [['GET /v1/{id}', 'GET /v1/**:run'], 'GET /v1/x:run', 'GET /v1/{id} | x:run'],
    [['GET /v1/{id}:b', 'GET /v1/{id}:a:b'], 'GET /v1/x:a:b', 'GET /v1/{id}:a:b | x'],
    [['GET /v1/x:run', 'GET /v1/{id}:run'], 'GET /v1/x:run', 'GET /v1/x:run'],
  ]);
});

describe('HTTP methods', () => {
  run([
    // A rule of another method does not shadow.
    [['GET /v1/top', 'POST /v1/{id}'], 'POST /v1/top', 'POST /v1/{id} | top'],
    [['GET /v1/{id}:run', 'POST /v1/{id}'], 'POST /v1/x:run', 'POST /v1/{id} | x:run'],
    [['GET /v1', '* /v1'], 'GET /v1', 'GET /v1'],
    [['GET /v1', '* /v1'], 'PURGE /v1', '* /v1'],
    // The template decides first, then the method.
    [['* /v1/top', 'GET /v1/{id}'], 'GET /v1/top', '* /v1/top'],
    [['GET /v1'], 'HEAD /v1', 'GET /v1'],
    [['GET /v1', 'HEAD /v1'], 'HEAD /v1', 'HEAD /v1'],
    [['GET /v1', '* /v1'], 'HEAD /v1', 'GET /v1'],
    [['POST /v1'], 'HEAD /v1', undefined],
    [['GET /v1'], 'get /v1', undefined],
    [['GET /v1'], 'POST /v1', undefined],
  ]);

  test('allowed() names every method that would match, HEAD with GET', () => {
    const table = tableOf('GET /v1/top', 'POST /v1/{id}', 'DELETE /v1/**', 'PUT /v1/x', '* /any');
    assert.deepEqual(table.allowed('/v1/top'), ['DELETE', 'GET', 'HEAD', 'POST']);
    assert.deepEqual(table.allowed('/v1'), ['DELETE']);
    assert.deepEqual(table.allowed('/v2'), []);
    assert.deepEqual(table.allowed('*'), []);
    assert.deepEqual(table.allowed('/any'), ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT']);
  });
});

describe('segments', () => {
  run([
    [['GET /'], 'GET /', 'GET /'],
    [['GET /{rest=**}'], 'GET /', 'GET /{rest=**} | '],
    [['GET /{id}'], 'GET /', undefined],
    [['GET /v1'], 'GET /v1/', undefined],
    [['GET /v1/{id}'], 'GET /v1/', undefined],
    [['GET /v1/{id}'], 'GET /v1//', undefined],
    [['GET /v1/{id}/x'], 'GET /v1//x', undefined],
    [['GET /v1/{rest=**}'], 'GET /v1', 'GET /v1/{rest=**} | '],
    [['GET /v1/{rest=**}'], 'GET /v1/', 'GET /v1/{rest=**} | '],
    [['GET /v1/{rest=**}'], 'GET /v1/a//b/', 'GET /v1/{rest=**} | a//b/'],
    [['GET /{name=v1/**}'], 'GET /v1', 'GET /{name=v1/**} | v1'],
    [['GET /v1/{a=**}/{b}'], 'GET /v1/x/y/z', 'GET /v1/{a=**}/{b} | x/y | z'],
    [['GET /v1/{a=**}/{b}'], 'GET /v1/x', 'GET /v1/{a=**}/{b} |  | x'],
    [['GET /v1/{a=**}/{b}'], 'GET /v1', undefined],
    [['GET /{n=a/**/b}/c'], 'GET /a/b/c', 'GET /{n=a/**/b}/c | a/b'],
    [['GET /{a}/{b}/{c}/{d.e}'], 'GET /1/2/3/4', 'GET /{a}/{b}/{c}/{d.e} | 1 | 2 | 3 | 4'],
    [['GET /v1/{id}'], 'GET *', undefined],
    [['GET /v1/{id}'], 'GET http://host/v1/x', undefined],
  ]);
});

describe('custom verbs', () => {
  run([
    [['POST /v1/{id}:run'], 'POST /v1/x:run', 'POST /v1/{id}:run | x'],
    [['POST /v1/{id}:run'], 'POST /v1/x', undefined],
    [['POST /v1/{id}:run'], 'POST /v1/:run', undefined],
    [['POST /v1/{id}:run'], 'POST /v1/x:Run', undefined],
    [['POST /v1/{id}:run'], 'POST /v1/x:run/y', undefined],
    // An escaped colon is data.
    [['POST /v1/{id}:run', 'POST /v1/{id}'], 'POST /v1/x%3Arun', 'POST /v1/{id} | x:run'],
    // A suffix that no rule has as its verb at this place is data.
    [['GET /v1/{id}', 'GET /v2/{id}:run'], 'GET /v1/x:run', 'GET /v1/{id} | x:run'],
    [['GET /v1/{id}'], 'GET /v1/urn:isbn:1', 'GET /v1/{id} | urn:isbn:1'],
    [['GET /v1/{id}:run'], 'GET /v1/urn:isbn:1:run', 'GET /v1/{id}:run | urn:isbn:1'],
    [['GET /v1/{p=**}:run'], 'GET /v1/a/b:run', 'GET /v1/{p=**}:run | a/b'],
    [['GET /v1/{p=**}:run'], 'GET /v1:run', 'GET /v1/{p=**}:run | '],
    [['GET /{p=**}:run'], 'GET /:run', 'GET /{p=**}:run | '],
    [['GET /{name=v1/x}:run'], 'GET /v1/x:run', 'GET /{name=v1/x}:run | v1/x'],
    [['GET /{name=v1/x}:a:b'], 'GET /v1/x:a:b', 'GET /{name=v1/x}:a:b | v1/x'],
    [['GET /v1/{id}:ru%6e'], 'GET /v1/x:run', 'GET /v1/{id}:ru%6e | x'],
  ]);
});

describe('decoding', () => {
  const single = 'GET /v1/{id}';
  const multi = 'GET /v1/{name=**}';
  run([
    // http.proto: "The server side does the reverse decoding."
    [[single], 'GET /v1/a%20b%2Fc', `${single} | a b/c`],
    [[single], 'GET /v1/a+b', `${single} | a+b`],
    [[single], 'GET /v1/caf%C3%A9', `${single} | café`],
    [[single], 'GET /v1/%252F', `${single} | %2F`],
    [[single], 'GET /v1/%2e%2e%2e', `${single} | ...`],
    [[single], 'GET /v1/%00', `${single} | \0`],
    // http.proto: `The server side does the reverse decoding, except "%2F" and "%2f" are left unchanged.`
    [[multi], 'GET /v1/a%20b/c%2Fd%2fe%3A', `${multi} | a b/c%2Fd%2fe:`],
    [[multi], 'GET /v1/%25/%2F', `${multi} | %/%2F`],
    [['GET /v1/{n=s/*}'], 'GET /v1/s/a%2Fb%21', 'GET /v1/{n=s/*} | s/a%2Fb!'],
    // RFC 3986 section 6.2.2: escapes of unreserved characters and the case of hex digits make no difference.
    [['GET /v1/~a'], 'GET /v%31/%7e%61', 'GET /v1/~a'],
    [['GET /v1/caf%c3%a9'], 'GET /v1/caf%C3%a9', 'GET /v1/caf%c3%a9'],
    [['GET /v1/@me'], 'GET /v1/%40me', undefined],
    [['GET /v1/a/b'], 'GET /v1/a%2Fb', undefined],
  ]);
});

describe('refused paths', () => {
  const table = tableOf('GET /v1/{book.name}', 'GET /v1/{path=**}/end', 'GET /v2/*');
  const refuse = (path: string, pg: string, message: RegExp): void => {
    test(`${path}: ${pg}`, () => {
      assert.throws(
        () => table.match('GET', path),
        (error: unknown) => {
          assert.ok(error instanceof GatewayError);
          assert.equal(error.pg, pg);
          assert.match(error.message, message);
          return true;
        },
      );
      assert.throws(() => table.allowed(path), GatewayError);
      assert.throws(() => table.near('GET', path), GatewayError);
      assert.deepEqual(table.match('GET', '/v1/good')?.captures, ['good'], 'the next good one');
    });
  };
  for (const path of [
    '/..',
    '/.',
    '/v1/..',
    '/v1/./x',
    '/v1/../admin',
    '/v1/%2e%2e',
    '/v1/%2E./x',
    '/v1/.%2e',
    '/v1/a%2F..',
    '/v1/..%2fadmin',
    '/v1/a%2F.%2Fb',
    '/unknown/..',
  ]) {
    refuse(path, 'PG_BAD_TARGET', /"\.\.?" segment/);
  }
  refuse('/v1/%zz', 'PG_BAD_TARGET', /"book\.name" has a broken percent escape, "%zz"/);
  refuse('/v1/x%', 'PG_BAD_TARGET', /"book\.name" has a broken percent escape, "%"/);
  refuse('/v1/a/%4/end', 'PG_BAD_TARGET', /"path" has a broken percent escape, "%4\/"/);
  refuse('/v2/%4', 'PG_BAD_TARGET', /^the path has a broken/);
  refuse('/nothing/%', 'PG_BAD_TARGET', /^the path has a broken/);
  refuse('/v1/%FF', 'PG_NOT_UTF8', /"book\.name" is not UTF-8/);
  refuse('/v1/%C3', 'PG_NOT_UTF8', /"book\.name" is not UTF-8/);
  refuse('/v1/%C0%AF', 'PG_NOT_UTF8', /"book\.name" is not UTF-8/);
  refuse('/v1/%ED%A0%80', 'PG_NOT_UTF8', /"book\.name" is not UTF-8/);
  refuse('/v1/a/%E2%82%2F/end', 'PG_NOT_UTF8', /"path" is not UTF-8/);
  refuse('/v2/%FF', 'PG_NOT_UTF8', /^the path is not UTF-8/);
  refuse('/v1/caf\u00e9', 'PG_BAD_TARGET', /"book\.name" has the character "é"/);
  refuse('/v1/a b', 'PG_BAD_TARGET', /character " "/);
  refuse('/v1/\u0000', 'PG_BAD_TARGET', /character/);

  test('names that only begin with dots are names', () => {
    assert.deepEqual(table.match('GET', '/v1/...')?.captures, ['...']);
    assert.deepEqual(table.match('GET', '/v1/.git')?.captures, ['.git']);
    assert.deepEqual(table.match('GET', '/v1/..a')?.captures, ['..a']);
  });
});

describe('conflicts', () => {
  const conflictsOf = (...lines: readonly string[]): string[] => {
    const builder = createHttpTable<number>();
    for (const [index, line] of lines.entries()) {
      const [verb = '', template = ''] = line.split(' ');
      builder.add(verb, parseTemplate(template), index, line);
    }
    const { table, conflicts } = builder.build();
    assert.equal(table.entries().length, lines.length - conflicts.length);
    return conflicts.map(({ first, second }) => `${first.describe} <> ${second.describe}`);
  };

  test('templates that differ in the names of variables at most, the first one stays', () => {
    const same = ['GET /v1/{name=a/*}', 'GET /v1/a/{id}', 'GET /v1/a/*'];
    assert.deepEqual(conflictsOf(...same), [
      `${same[0]} <> ${same[1]}`,
      `${same[0]} <> ${same[2]}`,
    ]);
    assert.deepEqual(conflictsOf('GET /%7Ea', 'GET /~a'), ['GET /%7Ea <> GET /~a']);
    assert.deepEqual(conflictsOf('GET /{n=x}:a:b', 'GET /x:a:b'), ['GET /{n=x}:a:b <> GET /x:a:b']);
    const table = tableOf('GET /v1/{a}');
    assert.equal(table.match('GET', '/v1/x')?.target, 'GET /v1/{a}');
  });

  test('another method, verb or kind of segment is no conflict', () => {
    const lines = ['GET /v1/{a}', 'POST /v1/{a}', 'GET /v1/{a}:x', 'GET /v1/a', 'GET /v1/{a=**}'];
    assert.deepEqual(conflictsOf(...lines, '* /v1/{a}'), []);
  });
});

test('near() says why the closest rules do not answer', () => {
  const table = tableOf(
    'GET /v1/shelves/{shelf}',
    'POST /v1/shelves/{shelf}:merge',
    'DELETE /v1/shelves/{shelf}',
    'GET /v1/shelves/{shelf}/books/{book}',
    'GET /v1/files/{path=**}/raw',
    'GET /v2/**',
  );
  const reasons = (verb: string, path: string): string[] =>
    table.near(verb, path).map(({ entry, reason }) => `${entry.target}: ${reason}`);
  assert.deepEqual(reasons('POST', '/v1/shelves/1'), [
    'GET /v1/shelves/{shelf}: it answers GET, not POST',
    'DELETE /v1/shelves/{shelf}: it answers DELETE, not POST',
    'POST /v1/shelves/{shelf}:merge: the rule ends with the custom verb ":merge"',
    'GET /v1/shelves/{shelf}/books/{book}: the path ends where the rule goes on with "books"',
    'GET /v1/files/{path=**}/raw: segment 2 of the path is "shelves", the rule has "files"',
  ]);
  assert.equal(
    reasons('GET', '/v1/files/a/b')[0],
    'GET /v1/files/{path=**}/raw: segment 4 of the path is "b", the rule has "raw"',
  );
  assert.equal(
    reasons('GET', '/v1/shelves/')[0],
    'GET /v1/shelves/{shelf}: segment 3 of the path is empty, the rule has "*"',
  );
  // As many segments agree in all of these; those for the method come first.
  assert.deepEqual(reasons('DELETE', '/v1/shelves/1/2').slice(0, 1), [
    'DELETE /v1/shelves/{shelf}: the path goes on with "2" where the rule ends',
  ]);
  assert.ok(
    !reasons('GET', '/v1/shelves/1').some((line) => line.startsWith('GET /v1/shelves/{shelf}:')),
    'the rule that answers is no near miss',
  );
  assert.deepEqual(reasons('GET', '/nothing'), []);
});

test('near() names rules that match and are less specific', () => {
  const near = tableOf('GET /v1/top', 'GET /v1/{id}').near('GET', '/v1/top');
  assert.deepEqual(
    near.map(({ entry, reason }) => [entry.target, reason]),
    [['GET /v1/{id}', 'it matches too, but a more specific rule is taken']],
  );
});

test('a table is not changed by what is added behind build()', () => {
  const builder = createHttpTable<number>();
  builder.add('GET', parseTemplate('/a'), 1, 'a');
  const { table } = builder.build();
  builder.add('GET', parseTemplate('/b'), 2, 'b');
  assert.equal(table.match('GET', '/b'), undefined);
  assert.equal(table.entries().length, 1);
  assert.equal(builder.build().table.match('GET', '/b')?.target, 2);
});

test('an empty table matches nothing', () => {
  const { table } = createHttpTable<never>().build();
  assert.equal(table.match('GET', '/'), undefined);
  assert.equal(table.match('GET', '/a:b'), undefined);
  assert.deepEqual(table.allowed('/a'), []);
});
