/**
 * What every Outbound must do, whatever protocol its service speaks: a third-party adapter runs the same cases. It brings a service that a
 * test can script in terms of messages and statuses ({@link Peer}), and says what its protocol cannot express ({@link Capabilities}).
 */
import { describe } from 'node:test';
import { endingCases } from './any-outbound/endings.ts';
import { messageCases } from './any-outbound/messages.ts';
import type { Adapter } from './any-outbound/peer.ts';
import { statusCases } from './any-outbound/statuses.ts';

export function anyOutboundContract(name: string, adapter: Adapter): void {
  describe(`the outbound of ${name}`, () => {
    describe('messages', () => messageCases(adapter));
    describe('statuses and metadata', () => statusCases(adapter));
    describe('endings', () => endingCases(adapter));
  });
}
