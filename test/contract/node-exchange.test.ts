/** A gateway that is mounted into a server of node:http or node:http2 keeps the contract of exchanges. */
import { mountOnHttp1, mountOnHttp2 } from '../support/mounted-hosts.ts';
import { exchangeContract, http2ExchangeContract } from './exchange.ts';

// Its upgrades are an event of their own.
exchangeContract('node:http', mountOnHttp1, { upgrades: 'passed over', requestTrailers: false });
// It answers each CONNECT with 405, where nobody listens for the event of that name.
http2ExchangeContract('node:http2', mountOnHttp2, { upgrades: 'refused', requestTrailers: true });
