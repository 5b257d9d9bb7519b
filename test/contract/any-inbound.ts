/**
 * What every Inbound must do, whatever protocol its clients speak: a third-party adapter runs the same cases. It brings a client of its
 * protocol and says what that cannot express; the service is a handler that the tests script, so there is no outbound and no upstream.
 */
import { describe } from 'node:test';
import type { InboundAdapter } from './any-inbound/adapter.ts';
import { cancellationCases } from './any-inbound/cancellations.ts';
import { deadlineCases } from './any-inbound/deadlines.ts';
import { flowCases } from './any-inbound/flow.ts';
import { versionOf } from './any-inbound/front.ts';
import { type Host, HOSTS } from './any-inbound/hosts.ts';
import { impossibleCases } from './any-inbound/impossible.ts';
import { messageCases } from './any-inbound/messages.ts';
import { metadataCases } from './any-inbound/metadata.ts';
import { singleMessageCases } from './any-inbound/single-messages.ts';
import { statusCases } from './any-inbound/statuses.ts';
import { streamCases } from './any-inbound/streams.ts';

export function anyInboundContract(
  name: string,
  adapter: InboundAdapter,
  hosts: readonly Host[] = HOSTS,
): void {
  for (const host of hosts) {
    const setting = { adapter, host };
    describe(`the inbound of ${name} on ${host.name}`, () => {
      describe('what is impossible', () => impossibleCases(setting));
      if (!adapter.client.capabilities.http.includes(versionOf(host))) return;
      describe('messages', () => messageCases(setting));
      describe('methods with one message', () => singleMessageCases(setting));
      describe('streams', () => streamCases(setting));
      describe('metadata', () => metadataCases(setting));
      describe('statuses', () => statusCases(setting));
      describe('cancellations', () => cancellationCases(setting));
      describe('deadlines', () => deadlineCases(setting));
      describe('flow control', () => flowCases(setting));
    });
  }
}
