/** A toolchain that is absent may be left out of the interop run; one that is there and broken is a failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeftOut } from '../../../scripts/interop/peers/peer.ts';
import { requireTool } from '../../../scripts/interop/peers/process.ts';

test('a tool that works is fine', () => {
  requireTool(process.execPath, '--version');
});

test('a tool that is not there is left out', () => {
  assert.throws(
    () => requireTool('polygate-has-no-such-tool', 'version'),
    (error) => error instanceof LeftOut && error.message.endsWith('is not installed'),
  );
});

test('a tool that is there and fails is no tool that is not there', () => {
  assert.throws(
    () => requireTool(process.execPath, '--no-such-option'),
    (error) =>
      error instanceof Error && !(error instanceof LeftOut) && /bad option/.test(error.message),
  );
});
