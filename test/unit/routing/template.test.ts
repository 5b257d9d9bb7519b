import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemplateError, parseTemplate } from '../../../src/routing/template.ts';
import type { Template } from '../../../src/routing/template.ts';

/** One line per template: segments, verb, variables as `name[first-last]` with `+` for several segments. */
function print(template: Template): string {
  const segments = template.segments.map((s) => (s.kind === 'literal' ? s.text : s.kind)).join('/');
  const variables = template.variables.map(
    (v) => `${v.fieldPath.join('.')}[${v.first}-${v.last}]${v.multi ? '+' : ''}`,
  );
  return [segments, template.verb, ...variables].join(' ').trimEnd();
}

const ACCEPTED: readonly (readonly [template: string, printed: string])[] = [
  ['/', ''],
  ['/v1', 'v1'],
  ['/*', '*'],
  ['/**', '**'],
  ['/v1/shelves', 'v1/shelves'],
  ['/v1/{id}', 'v1/*  id[1-1]'],
  ['/v1/{id=*}', 'v1/*  id[1-1]'],
  ['/v1/{id=one}', 'v1/one  id[1-1]'],
  ['/v1/{rest=**}', 'v1/**  rest[1-1]+'],
  ['/{name=shelves/*}', 'shelves/*  name[0-1]+'],
  ['/v1/{name=shelves/*/books/*}', 'v1/shelves/*/books/*  name[1-4]+'],
  ['/v1/{book.name=shelves/*}/{a_1.b.C}', 'v1/shelves/*/*  book.name[1-2]+ a_1.b.C[3-3]'],
  ['/v1/**/end', 'v1/**/end'],
  ['/v1/{path=**}/blobs/{sha}', 'v1/**/blobs/*  path[1-1]+ sha[3-3]'],
  ['/v1/{path=a/**/b}/c', 'v1/a/**/b/c  path[1-3]+'],
  ['/v1/x:cancel', 'v1/x cancel'],
  ['/v1/*:cancel', 'v1/* cancel'],
  ['/v1/**:cancel', 'v1/** cancel'],
  ['/v1/{id}:cancel', 'v1/* cancel id[1-1]'],
  ['/v1/{name=shelves/*}:undelete', 'v1/shelves/* undelete name[1-2]+'],
  // grpc-gateway, TestParse: the verb is behind the last colon, unless a variable ends in front of the first.
  ['/a:custom:custom', 'a:custom custom'],
  ['/{x}:custom:custom', '* custom:custom x[0-0]'],
  ['/*:custom:custom', '* custom:custom'],
  ['/v1:beta/shelves', 'v1:beta/shelves'],
  ['/v1/{name=a:b/*}', 'v1/a:b/*  name[1-2]+'],
  ['/%7Euser/caf%c3%a9', '~user/caf%C3%A9'],
  ["/-._~!$&'()+,;=@", "-._~!$&'()+,;=@"],
  ['/v1/a=b', 'v1/a=b'],
  ['/v1/{x=a=b}', 'v1/a=b  x[1-1]'],
  ['/.well-known/a.b', '.well-known/a.b'],
  ['/...', '...'],
];

for (const [text, printed] of ACCEPTED) {
  test(`accepts ${text}`, () => {
    const template = parseTemplate(text);
    assert.equal(print(template), printed);
    assert.equal(template.text, text);
  });
}

const REFUSED: readonly (readonly [
  template: string,
  position: number,
  expected: RegExp,
  found: string,
])[] = [
  ['', 0, /^"\/"$/, 'the end'],
  ['v1/shelves', 0, /^"\/"$/, '"v"'],
  ['*', 0, /^"\/"$/, '"*"'],
  ['//', 1, /^a segment$/, '"/"'],
  ['/v1/', 4, /^a segment$/, 'the end'],
  ['/v1//x', 4, /^a segment$/, '"/"'],
  ['/:verb', 1, /^a segment$/, '":"'],
  ['/v1/:verb', 4, /^a segment$/, '":"'],
  ['/v1/x:', 6, /^a verb$/, 'the end'],
  ['/v1/{x}:', 8, /^a verb$/, 'the end'],
  ['/v1/{x}:a/b', 9, /^the end behind the verb$/, '"/"'],
  ['/v1/*:a/b', 7, /^the end behind the verb$/, '"/"'],
  ['/v1/{x}a', 7, /"\/", ":" or the end/, '"a"'],
  ['/v1/*a', 5, /"\/", ":" or the end/, '"a"'],
  ['/v1/***', 6, /"\/", ":" or the end/, '"*"'],
  ['/v1/a*', 5, /may stand in a path/, '"*"'],
  ['/v1/{x', 6, /"\.", "=" or "}"/, 'the end'],
  ['/v1/{', 5, /^a field name$/, 'the end'],
  ['/v1/{}', 5, /^a field name$/, '"}"'],
  ['/v1/{=*}', 5, /^a field name$/, '"="'],
  ['/v1/{1a}', 5, /^a field name$/, '"1"'],
  ['/v1/{a-b}', 6, /"\.", "=" or "}"/, '"-"'],
  ['/v1/{ a}', 5, /^a field name$/, '" "'],
  ['/v1/{a.}', 7, /^a field name$/, '"}"'],
  ['/v1/{a..b}', 7, /^a field name$/, '"."'],
  ['/v1/{.a}', 5, /^a field name$/, '"."'],
  ['/v1/{a=}', 7, /^a segment$/, '"}"'],
  ['/v1/{a=b/}', 9, /^a segment$/, '"}"'],
  ['/v1/{a=/b}', 7, /^a segment$/, '"/"'],
  ['/v1/{a=*', 8, /"\/" or "}"/, 'the end'],
  ['/v1/{a=b', 8, /"\/" or "}"/, 'the end'],
  ['/v1/{a=*:verb}', 8, /"\/" or "}"/, '":"'],
  ['/v1/{a={b}}', 7, /do not nest/, '"{"'],
  ['/v1/{a=x/{b}}', 9, /do not nest/, '"{"'],
  ['/v1/}', 4, /^a segment$/, '"}"'],
  ['/v1/a}', 5, /"\/", ":" or the end/, '"}"'],
  ['/v1/a{b}', 5, /may stand in a path/, '"{"'],
  ['/v1/{a}/{a}', 9, /not bound already/, '"a"'],
  ['/v1/{a.b}/{a.b=x/*}', 11, /not bound already/, '"a"'],
  ['/**/**', 4, /at most one "\*\*"/, '"*"'],
  ['/{a=**}/{b=**}', 11, /at most one "\*\*"/, '"*"'],
  ['/v1/a b', 5, /may stand in a path/, '" "'],
  ['/v1/a?b', 5, /may stand in a path/, '"?"'],
  ['/v1/a#b', 5, /may stand in a path/, '"#"'],
  ['/v1/café', 7, /may stand in a path/, '"é"'],
  ['/v1/%zz', 4, /two hex digits/, '"%"'],
  ['/v1/%4', 4, /two hex digits/, '"%"'],
  ['/v1/..', 4, /paths with/, '"."'],
  ['/v1/./a', 4, /paths with/, '"."'],
  ['/v1/%2e%2E/a', 4, /paths with/, '"%"'],
];

for (const [text, position, expected, found] of REFUSED) {
  test(`refuses ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => parseTemplate(text),
      (error: unknown) => {
        assert.ok(error instanceof TemplateError);
        assert.deepEqual(
          { position: error.position, found: error.found },
          { position, found },
          error.message,
        );
        assert.match(error.expected, expected);
        assert.ok(error.message.includes(`"${text}"`) && error.message.includes(error.expected));
        return true;
      },
    );
  });
}
