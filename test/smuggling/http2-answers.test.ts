/**
 * Answers of an HTTP/2 service that another hop could read differently, through the outbound for plain services. The corpus of requests is
 * sent back as heads and trailers, beside a list of answers of their own. Each is refused for its call alone: a call that is open on the
 * same connection, and the one behind, get their own answers there.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test, type TestContext } from 'node:test';
import { rawFrame } from '../support/http2-frames.ts';
import { codeOf, Type } from '../support/http2-raw-client.ts';
import { type Fields, type RawStream, startRawHttp2Service } from '../support/raw-http2-service.ts';
import { makeRestOutbound } from '../support/rest-outbound.ts';
import { allItems, assertRejects, bodyOf, targetOn } from '../contract/outbound/harness.ts';

interface Step {
  readonly head?: Fields;
  /** Latin-1. */
  readonly data?: string;
  readonly end?: boolean;
}

interface Case {
  readonly name: string;
  /** The section of the RFC that the expectation follows. */
  readonly section: string;
  readonly answer: readonly Step[];
  /** `refused`: it is no HTTP/2. `failed`: HTTP/2 has no fault in it, and no answer of HTTP is like that. */
  readonly expect:
    | 'refused'
    | 'failed'
    | { readonly status: number; readonly item?: object; readonly trailer?: string };
}

interface RequestCase {
  readonly name: string;
  readonly section: string;
  readonly fields: Fields;
}

const PROTOCOL_ERROR = 1;
const CANCEL = 8;
const REQUEST_PSEUDO = new Set([':method', ':scheme', ':path', ':authority']);
const CONTENT: Step = { data: '{}', end: true };

const answers = read<Case>('answers');
const heads = [...read<RequestCase>('names'), ...read<RequestCase>('values')]
  .map(({ fields, ...one }) => ({
    ...one,
    fields: fields.filter(([name]) => !REQUEST_PSEUDO.has(name)),
  }))
  // TE is for requests (RFC 9110 section 10.1.4); in an answer it is a header that means nothing, and no metadata.
  .filter(({ fields }) => fields.some(([name]) => name !== 'te'))
  .map(({ name, section, fields }): Case => {
    const answer = [{ head: [[':status', '200'], ...fields] as const }, CONTENT];
    return { name, section, answer, expect: 'refused' };
  });
const trailers = read<RequestCase>('trailers').map(({ name, section, fields }): Case => {
  const answer = [
    { head: [[':status', '200']] as const },
    { data: '{}' },
    { head: fields, end: true },
  ];
  return { name, section, answer, expect: 'refused' };
});

test('there are 100 answers, and those of their own have the section of an RFC', () => {
  assert.equal(new Set(answers.map(({ name }) => name)).size, answers.length);
  for (const { name, section } of answers) {
    assert.match(section, /^RFC (9113|9110) section \d+(\.\d+)*$/, name);
  }
  const count = answers.length + heads.length + trailers.length;
  assert.ok(count >= 100, `${count} cases`);
});

for (const [name, cases] of Object.entries({ answers, heads, trailers })) {
  describe(`an HTTP/2 service: ${name}`, () => {
    for (const one of cases) test(`${one.name} (${one.section})`, (t) => check(t, one));
  });
}

async function check(t: TestContext, { answer, expect }: Case): Promise<void> {
  const service = await startRawHttp2Service(t);
  const make: typeof makeRestOutbound = (endpoint, settings) =>
    makeRestOutbound(endpoint, { ...settings, http: '2' });
  const { send } = targetOn(t, make, service.port);
  const first = Promise.withResolvers<RawStream>();
  service.script = first.resolve;
  const other = send({ body: bodyOf({ name: 'other' }) }).reply;
  const open = await first.promise;
  const second = Promise.withResolvers<RawStream>();
  service.script = second.resolve;
  const victim = send({ body: bodyOf({ name: 'victim' }) }).reply;
  const stream = await second.promise;
  for (const step of answer) play(stream, step);
  if (expect === 'refused' || expect === 'failed') {
    const error = await assertRejects(victim, 'PG_UPSTREAM_PROTOCOL');
    assert.notEqual(error.reached, 'no');
    const reset = await stream.until(({ type }) => type === Type.reset);
    assert.equal(codeOf(reset), expect === 'refused' ? PROTOCOL_ERROR : CANCEL);
  } else {
    const reply = await victim;
    assert.equal(reply.httpStatus, expect.status);
    const items = await allItems(reply);
    assert.deepEqual(items, expect.item === undefined ? [] : [expect.item]);
    assert.equal((await reply.end).trailers?.text('x-a'), expect.trailer);
  }
  // What still comes on its stream belongs to nobody.
  open.good({ name: 'other' });
  assert.deepEqual(await allItems(await other), [{ name: 'other' }]);
  service.script = (next) => next.good({ name: 'next' });
  assert.deepEqual(await allItems(await send().reply), [{ name: 'next' }]);
  assert.deepEqual([service.accepted, service.requests], [1, 3]);
}

function play(stream: RawStream, { head, data, end = false }: Step): void {
  const large = (value: string): string => (value === '16k' ? 'x'.repeat(16_384) : value);
  if (head !== undefined) {
    stream.head(
      head.map(([name, value]) => [name, large(value)]),
      end,
    );
  } else if (data === '') {
    stream.send(rawFrame(Type.data, end ? 1 : 0, stream.id));
  } else {
    stream.data(data ?? '', end);
  }
}

function read<Of>(file: string): Of[] {
  return JSON.parse(readFileSync(new URL(`h2-${file}.json`, import.meta.url), 'utf8')) as Of[];
}
