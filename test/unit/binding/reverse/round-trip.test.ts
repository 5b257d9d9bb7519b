/** What the reverse writes, the forward direction reads as the same message: the two are each other's oracle. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { GatewayError } from '../../../../src/call/error.ts';
import { createHttpTable } from '../../../../src/routing/http-table.ts';
import { parseTemplate } from '../../../../src/routing/template.ts';
import { decoded, encoded, reverse } from '../../../support/reverse-binding.ts';
import { binding } from '../../../support/vectors-schema.ts';

const text = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed());
const segment = fc.oneof(
  text,
  fc.constantFrom('a', '.', '..', '%2F', '%', 'a:b', 'a/b', '+', '\r\nx: y'),
);
const message = fc.record(
  {
    fString: fc.oneof(
      segment,
      segment.map((one) => `a/${one}`),
      fc.array(segment, { maxLength: 3 }).map((parts) => parts.join('/')),
    ),
    fInt64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    fDouble: fc.double({ noNaN: true, noDefaultInfinity: true }),
    fBytes: fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    fColor: fc.constantFrom('RED', 'BLUE', 77),
    oString: text,
    oInt32: fc.integer(),
    rString: fc.array(text, { maxLength: 3 }),
    rInt32: fc.array(fc.integer(), { maxLength: 3 }),
    cString: text,
    wString: text,
    wMask: fc.constantFrom('', 'pageCount', 'author.name,title'),
    book: fc.record({ name: text, author: fc.record({ name: text }, { requiredKeys: ['name'] }) }),
  },
  { requiredKeys: ['fString'] },
);

for (const [line, body] of [
  ['GET /v1/{f_string}', ''],
  ['GET /v1/{f_string=**}', ''],
  ['GET /v1/x/{f_string=a/*}/y:go', ''],
  ['POST /v1/{f_string}', '*'],
  ['PUT /v1/{f_string}', 'book'],
] as const) {
  test(`${line} with body ${JSON.stringify(body)}`, () => {
    const [verb = '', template = ''] = line.split(' ');
    const to = reverse(line, { body });
    const from = binding(line, { body });
    const table = createHttpTable<string>();
    table.add(verb, parseTemplate(template), line, line);
    const { table: routes } = table.build();
    let sent = 0;
    fc.assert(
      fc.property(message, (json) => {
        const bytes = encoded(json);
        let request;
        try {
          request = to.request(bytes);
        } catch (error) {
          assert.ok(
            error instanceof GatewayError && error.pg === 'PG_INVALID_VALUE',
            String(error),
          );
          return;
        }
        sent++;
        // What a head may hold, and nothing that ends it early.
        assert.match(request.target, /^\/[!-"$-~]*$/);
        const [path = '', query = ''] = request.target.split('?');
        const match = routes.match(verb, path);
        assert.ok(match !== undefined, request.target);
        const bound = from.bind({
          captures: match.captures,
          query,
          body: request.body ?? undefined,
          contentType: undefined,
          patch: false,
        });
        assert.deepEqual(withoutEmpty(decoded(bound.bytes)), withoutEmpty(decoded(bytes)));
      }),
      { numRuns: 400 },
    );
    assert.ok(sent > 30, `${sent} were sent`);
  });
}

/** A message that is set and has nothing in it has no form in a query. */
function withoutEmpty(json: unknown): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const members = Object.entries(json).map(([name, value]) => [name, withoutEmpty(value)] as const);
  return Object.fromEntries(members.filter(([, value]) => JSON.stringify(value) !== '{}'));
}
