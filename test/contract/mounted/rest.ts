/** REST clients of a gateway that is mounted into somebody's server. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ask } from './ask.ts';
import type { Mounted } from './gateway.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

export function restCases(mounted: () => Mounted, ask: Ask): void {
  test('what the application answers itself', async () => {
    assert.deepEqual(await ask(mounted().port, { path: '/own' }), { status: 200, text: 'own' });
  });

  test('a message as JSON', async () => {
    const question = {
      verb: 'POST',
      path: '/v1/shelves',
      headers: JSON_TYPE,
      body: '{"theme":"Mounted"}',
    };
    const { status, text } = await ask(mounted().port, question);
    assert.equal(status, 200, text);
    assert.equal((JSON.parse(text) as { theme: string }).theme, 'Mounted');
  });

  test('a path with an escaped variable and a query', async () => {
    const path = '/v1/books:lookup?name=shelves%2F1%2Fbooks%2F1';
    const { status, text } = await ask(mounted().port, { path });
    assert.equal(status, 200, text);
    assert.equal((JSON.parse(text) as { name: string }).name, 'shelves/1/books/1');
  });

  test('a stream whose end is an error', async () => {
    const { status, text } = await ask(mounted().port, { path: '/v1/shelves/3/books:stream' });
    assert.equal(status, 200);
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, 2);
    assert.equal((JSON.parse(lines[1] ?? '') as { error: { code: number } }).error.code, 15);
  });

  test('errors of the gateway and of the service', async () => {
    const nowhere = await ask(mounted().port, { path: '/nowhere' });
    assert.equal(nowhere.status, 404);
    assert.match(nowhere.text, /PG_ROUTE_NOT_FOUND/);
    const none = await ask(mounted().port, { path: '/v1/shelves/none' });
    assert.equal(none.status, 404);
    assert.doesNotMatch(none.text, /PG_/);
  });

  test('no parser of the application stands before the body', async () => {
    const headers = { 'content-type': 'text/plain' };
    const question = { verb: 'POST', path: '/v1/shelves', headers, body: 'x' };
    assert.equal((await ask(mounted().port, question)).status, 415);
    const broken = { ...question, headers: JSON_TYPE, body: '{' };
    const { status, text } = await ask(mounted().port, broken);
    assert.equal(status, 400);
    assert.match(text, /PG_/);
  });
}
