/**
 * What every implementation of Exchange must do, whatever transport is beneath it. Called by one test file per implementation.
 * The peers are raw sockets, since most of it cannot be seen through a client library.
 */
import { describe } from 'node:test';
import { answerCases } from './exchange/answers.ts';
import { bodyCases } from './exchange/bodies.ts';
import { connectionCases } from './exchange/connections.ts';
import { headCases } from './exchange/heads.ts';
import type { OpenExchangeHost } from './exchange/host.ts';
import { streamCases } from './exchange/streams.ts';

export function exchangeContract(name: string, open: OpenExchangeHost): void {
  describe(`the Exchange of ${name}`, () => {
    describe('heads', () => headCases(open));
    describe('whole answers', () => answerCases(open));
    describe('streamed answers', () => streamCases(open));
    describe('request bodies', () => bodyCases(open));
    describe('connections', () => connectionCases(open));
  });
}
