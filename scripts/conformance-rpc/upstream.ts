/** A reference service of the suite as a process of its own: gRPC over plain HTTP/2, as a service behind a gateway speaks it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type CompatMessages, delimited, readDelimited } from './messages.ts';

export interface Upstream {
  readonly port: number;
  close(): Promise<void>;
}

/** That of the suite, as the gateway has it: what is compressed with gzip passes through it, and how much it is sees the service. */
const TAKES_BYTES = 200 * 1024;

export async function startUpstream(program: string, messages: CompatMessages): Promise<Upstream> {
  const child = spawn(program, ['-port', '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const request = {
    protocol: 'PROTOCOL_GRPC',
    httpVersion: 'HTTP_VERSION_2',
    messageReceiveLimit: TAKES_BYTES,
  };
  child.stdin.end(delimited(messages.request.encode(request)));
  const { port } = messages.response.decode(await readDelimited(child.stdout));
  return {
    port,
    async close() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
