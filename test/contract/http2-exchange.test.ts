/** The server connections of src/http2 keep the contract of exchanges. */
import { startHttp2Server } from '../support/http2-server.ts';
import { http2ExchangeContract } from './exchange.ts';

http2ExchangeContract('src/http2', (serve) => startHttp2Server(serve), {
  upgrades: 'given',
  requestTrailers: true,
});
