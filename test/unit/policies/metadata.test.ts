import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY_BODY } from '../../../src/call/body.ts';
import { Metadata } from '../../../src/call/metadata.ts';
import { OK } from '../../../src/call/status.ts';
import type { Handler, Routed } from '../../../src/call/types.ts';
import { fakeCall, fakeRoute } from '../../support/fake-call.ts';
import { hasRules, metadata, type MetadataRules } from '../../../src/policies/metadata/metadata.ts';

const ALL: MetadataRules = { allow: null, deny: [], rename: {} };

/** What the service gets of `names` under the rules. */
async function passed(rules: Partial<MetadataRules>, names: readonly string[]): Promise<string[]> {
  const sent = new Metadata();
  for (const name of names) sent.append(name, 'v');
  const seen: string[] = [];
  const next: Handler<Routed> = (call) => {
    call.metadata.each((name) => seen.push(name));
    return Promise.resolve({ metadata: null, body: EMPTY_BODY, end: OK });
  };
  const handle = metadata({ in: { ...ALL, ...rules }, out: ALL })(next);
  const call = fakeCall({ metadata: sent });
  call.route = fakeRoute();
  await handle(call as Routed);
  return seen;
}

test('only allowed names pass, and deny wins', async () => {
  const rules = { allow: ['x-a', 'x-b'], deny: ['x-b'] };
  assert.deepEqual(await passed(rules, ['x-a', 'x-b', 'x-c', 'x-a']), ['x-a', 'x-a']);
});

test('what the gateway itself says of the request is no header of the client: only deny takes it away', async () => {
  const names = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-other'];
  assert.deepEqual(await passed({ allow: ['x-a'] }, names), names.slice(0, 3));
  assert.deepEqual(await passed({ allow: [], deny: ['x-forwarded-host'] }, names), [
    'x-forwarded-for',
    'x-forwarded-proto',
  ]);
});

test('a name is renamed behind the other rules', async () => {
  const rules = { allow: ['x-tenant'], rename: { 'x-tenant': 'tenant' } };
  assert.deepEqual(await passed(rules, ['x-tenant', 'tenant']), ['tenant']);
});

test('no rules, no layer', () => {
  assert.equal(hasRules({ in: ALL, out: ALL }), false);
  assert.equal(hasRules({ in: ALL, out: { ...ALL, deny: ['x'] } }), true);
});
