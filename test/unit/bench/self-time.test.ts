import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupOf, selfTimes } from '../../../bench/profile/self-time.ts';

const ROOT = 'file:///checkout/';

test('folders, packages and what belongs to Node', () => {
  const frames: readonly (readonly [string, string, number, string])[] = [
    ['serve', `${ROOT}src/protocols/rest/inbound.ts`, 10, 'src/protocols/rest'],
    ['read', `${ROOT}src/http2/hpack/decode.ts`, 10, 'src/http2'],
    ['start', `${ROOT}src/gateway.ts`, 10, 'src'],
    ['lookup', `${ROOT}node_modules/find-my-way/index.js`, 1, 'node_modules/find-my-way'],
    ['call', `${ROOT}node_modules/@grpc/grpc-js/build/a.js`, 1, 'node_modules/@grpc/grpc-js'],
    ['emit', 'node:events', 488, 'node internals'],
    ['writev', '', -1, 'native'],
    ['toJson', '', 3, 'compiled at load'],
    ['(garbage collector)', '', -1, '(garbage collector)'],
  ];
  for (const [functionName, url, lineNumber, expected] of frames) {
    assert.equal(groupOf({ functionName, url, lineNumber }, ROOT), expected);
  }
});

test('a sample stands for the time until the next, and waiting is left out', () => {
  const node = (id: number, functionName: string, url: string) => ({
    id,
    callFrame: { functionName, url, lineNumber: 6 },
  });
  const profile = {
    nodes: [
      node(1, '(idle)', ''),
      node(2, 'a', `${ROOT}src/lib/a.ts`),
      node(3, '', `${ROOT}src/lib/b.ts`),
      node(4, 'c', `${ROOT}src/call/c.ts`),
    ],
    samples: [2, 1, 3, 4, 2],
    timeDeltas: [5, 100, 1000, 30, 7],
  };
  assert.deepEqual(selfTimes(profile, ROOT), {
    busyUs: 137,
    groups: [
      { name: 'src/lib', selfUs: 130 },
      { name: 'src/call', selfUs: 7 },
    ],
    functions: [
      { name: 'a  src/lib/a.ts:7', selfUs: 100 },
      { name: '(anonymous)  src/lib/b.ts:7', selfUs: 30 },
      { name: 'c  src/call/c.ts:7', selfUs: 7 },
    ],
  });
});
