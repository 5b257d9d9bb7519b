/**
 * What every implementation of Exchange must do, whatever transport is beneath it. Called by one test file per implementation.
 * What is the same for all versions of HTTP is asked by node:http and node:http2; what is of HTTP/1.1 by raw sockets, since most of it
 * cannot be seen through a client library.
 */
import { describe } from 'node:test';
import { anyAnswerCases } from './exchange/any-answers.ts';
import { anyBodyCases } from './exchange/any-bodies.ts';
import { anyUpgradeCases } from './exchange/any-upgrades.ts';
import { answerCases } from './exchange/answers.ts';
import { bodyCases } from './exchange/bodies.ts';
import { connectionCases } from './exchange/connections.ts';
import { headCases } from './exchange/heads.ts';
import type { Capabilities, OpenExchangeHost } from './exchange/host.ts';
import { openHttp1Peer } from './exchange/http1-peer.ts';
import { openHttp2Peer } from './exchange/http2-peer.ts';
import { streamCases } from './exchange/streams.ts';
import { upgradeCases } from './exchange/upgrades.ts';

export function exchangeContract(name: string, open: OpenExchangeHost, can: Capabilities): void {
  describe(`the Exchange of ${name}`, () => {
    describe('heads', () => headCases(open));
    describe('whole answers', () => answerCases(open));
    describe('streamed answers', () => streamCases(open));
    describe('request bodies', () => bodyCases(open));
    describe('connections', () => connectionCases(open));
    describe('answers, by node:http', () => anyAnswerCases(open, openHttp1Peer));
    describe('bodies, by node:http', () => anyBodyCases(open, openHttp1Peer, can));
    describe('upgrades, by node:http', () => anyUpgradeCases(open, openHttp1Peer, can));
    if (can.upgrades === 'given') describe('upgrades on the wire', () => upgradeCases(open));
  });
}

export function http2ExchangeContract(
  name: string,
  open: OpenExchangeHost,
  can: Capabilities,
): void {
  describe(`the Exchange of ${name}`, () => {
    describe('answers, by node:http2', () => anyAnswerCases(open, openHttp2Peer));
    describe('bodies, by node:http2', () => anyBodyCases(open, openHttp2Peer, can));
    describe('upgrades, by node:http2', () => anyUpgradeCases(open, openHttp2Peer, can));
  });
}
