/** A gRPC service for the contract of outbounds. */
import { once } from 'node:events';
import { statusNumber } from '../../../src/call/status.ts';
import {
  envelope,
  respond,
  respondOnly,
  type ScriptedCall,
  startScriptedGrpc,
} from '../../support/scripted-grpc.ts';
import type { Peer, PeerCall } from './peer.ts';

/** RFC 9113 section 7. */
const NO_ERROR = 0;

export async function startGrpcPeer(): Promise<Peer> {
  const scripted = await startScriptedGrpc();
  const peer: Peer = {
    get port() {
      return scripted.port;
    },
    get calls() {
      return scripted.calls;
    },
    get open() {
      return scripted.open;
    },
    script: () => {},
    close: () => scripted.close(),
  };
  scripted.script = (call) => peer.script(callOf(call));
  return peer;
}

function callOf(call: ScriptedCall): PeerCall {
  const { headers, stream } = call;
  const trailers: Record<string, string> = { 'grpc-status': '0' };
  return {
    header: (name) => headers[name]?.toString(),
    get started() {
      return once(stream, 'readable').then(() => {});
    },
    get items() {
      return call.messages.then((all) => (stream.rstCode === NO_ERROR ? all : []));
    },
    head: (_streamed, own = {}) => respond(stream, trailers, own),
    send: (item) => stream.write(envelope(item)),
    drained: async () => {
      await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    },
    end: (own = {}) => {
      Object.assign(trailers, own);
      stream.end();
    },
    fail: (code, message) => {
      const status = { 'grpc-status': String(statusNumber(code)), 'grpc-message': message };
      if (!stream.headersSent) {
        respondOnly(stream, status);
        return;
      }
      Object.assign(trailers, status);
      stream.end();
    },
    cut: () => stream.session?.destroy(),
    closed: once(stream, 'close').then(() => {}),
  };
}
