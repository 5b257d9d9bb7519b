import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Linked, LinkedList } from '../../../src/lib/linked-list.ts';

class Member implements Linked<Member> {
  list: LinkedList<Member> | null = null;
  listNext: Member | null = null;
  listPrevious: Member | null = null;
}

function listOf(count: number): { list: LinkedList<Member>; members: Member[] } {
  const list = new LinkedList<Member>();
  const members = Array.from({ length: count }, () => new Member());
  for (const member of members) list.add(member);
  return { list, members };
}

for (const [name, at] of [
  ['first', 0],
  ['middle', 1],
  ['last', 2],
] as const) {
  test(`the ${name} one leaves, the others keep their order, and it points at nobody`, () => {
    const { list, members } = listOf(3);
    const [left] = members.splice(at, 1);
    assert.ok(left !== undefined);
    list.delete(left);
    assert.deepEqual([list.all(), list.size, list.first], [members, 2, members[0]]);
    assert.deepEqual([left.list, left.listNext, left.listPrevious], [null, null, null]);
    list.add(left);
    assert.deepEqual(list.all(), [...members, left]);
  });
}

test('one that is there already keeps its place, and one of another list is left alone', () => {
  const { list, members } = listOf(2);
  const other = listOf(1);
  list.add(members[0] as Member);
  list.delete(other.members[0] as Member);
  assert.deepEqual([list.all(), other.list.all()], [members, other.members]);
  for (const member of members) list.delete(member);
  assert.deepEqual([list.first, list.size, list.all()], [null, 0, []]);
});
