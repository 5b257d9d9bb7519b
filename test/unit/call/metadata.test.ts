import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isBinaryName, isLegalName, isLegalValue, Metadata } from '../../../src/call/metadata.ts';

function pairs(metadata: Metadata): unknown[] {
  const seen: unknown[] = [];
  metadata.each((name, value) => seen.push([name, value]));
  return seen;
}

describe('metadata', () => {
  test('names are case-insensitive and kept in lower case; values keep order and repeats', () => {
    const metadata = new Metadata().append('X-A', '1').append('b', '2').append('x-a', '3');
    assert.deepEqual(metadata.getAll('X-a'), ['1', '3']);
    assert.equal(metadata.get('X-A'), '1');
    assert.equal(metadata.size, 3);
    assert.deepEqual(pairs(metadata), [
      ['x-a', '1'],
      ['b', '2'],
      ['x-a', '3'],
    ]);
  });

  test('set replaces all values, delete removes all, neither touches others', () => {
    const metadata = new Metadata().append('a', '1').append('a', '2').append('b', '3');
    metadata.set('A', '4');
    assert.deepEqual(pairs(metadata), [
      ['b', '3'],
      ['a', '4'],
    ]);
    metadata.delete('A');
    metadata.delete('never-there');
    assert.deepEqual(pairs(metadata), [['b', '3']]);
  });

  test('a value that looks like a name is no name', () => {
    const metadata = new Metadata().append('a', 'b').append('b', 'a');
    assert.equal(metadata.get('b'), 'a');
    metadata.delete('a');
    assert.deepEqual(pairs(metadata), [['b', 'a']]);
  });

  test('replace renames and drops pair by pair, and keeps order and repeats', () => {
    const metadata = new Metadata().append('a', '1').append('b', '2').append('a', '3');
    metadata.replace((name) => (name === 'a' ? 'X-A' : undefined));
    assert.deepEqual(pairs(metadata), [
      ['x-a', '1'],
      ['x-a', '3'],
    ]);
    metadata.replace(() => undefined);
    assert.equal(metadata.size, 0);
  });

  test('an empty value is a value', () => {
    const metadata = new Metadata().append('a', '');
    assert.ok(metadata.has('a'));
    assert.equal(metadata.get('a'), '');
    assert.ok(!metadata.has('b'));
    assert.equal(metadata.get('b'), undefined);
  });

  test('bytes are kept as bytes, and text() does not show them', () => {
    const bytes = Uint8Array.of(0, 255);
    const metadata = new Metadata().append('trace-bin', bytes).append('a', 'x');
    assert.equal(metadata.get('trace-bin'), bytes);
    assert.equal(metadata.text('trace-bin'), undefined);
    assert.equal(metadata.text('a'), 'x');
    assert.ok(isBinaryName('trace-bin'));
    assert.ok(!isBinaryName('trace-bin-x'));
  });

  test('names of prototypes are plain names', () => {
    const metadata = new Metadata();
    for (const name of ['__proto__', 'constructor', 'tostring']) {
      assert.equal(metadata.get(name), undefined);
      metadata.append(name, '1');
      assert.equal(metadata.get(name), '1');
    }
  });

  test('legal names and values are those of gRPC over HTTP/2', () => {
    for (const name of ['a', 'x-y_z.9', '0']) assert.ok(isLegalName(name), name);
    for (const name of ['', 'A', 'a b', 'ä', ':path', 'a\n', 'a:']) {
      assert.ok(!isLegalName(name), JSON.stringify(name));
    }
    for (const value of ['', ' ~', 'a,b']) assert.ok(isLegalValue(value), value);
    for (const value of ['\t', 'a\n', 'a\r', '\x7f', 'é', '\0']) {
      assert.ok(!isLegalValue(value), JSON.stringify(value));
    }
  });

  test('forks are alike until one of them changes', () => {
    const base = new Metadata().append('a', '1');
    const fork = base.fork();
    const other = base.fork();
    fork.append('b', '2');
    base.delete('a');
    assert.deepEqual(pairs(fork), [
      ['a', '1'],
      ['b', '2'],
    ]);
    assert.deepEqual(pairs(base), []);
    assert.deepEqual(pairs(other), [['a', '1']]);
  });

  test('what was derived is kept for all forks, and made anew for one that changed', () => {
    let made = 0;
    const count = (metadata: Metadata): string => `${++made}: ${metadata.size}`;
    const base = new Metadata().append('a', '1');
    const fork = base.fork();
    assert.equal(fork.derive(count), '1: 1');
    assert.equal(base.fork().derive(count), '1: 1');
    fork.append('b', '2');
    assert.equal(fork.derive(count), '2: 2');
    assert.equal(base.derive(count), '1: 1');
    base.append('c', '3');
    assert.equal(base.derive(count), '3: 2');
    base.append('d', '4');
    assert.equal(base.derive(count), '4: 3');
    assert.equal(
      base.derive(({ size }) => size),
      3,
    );
  });
});
