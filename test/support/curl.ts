/** Runs a curl line as a shell would when it is pasted. */
import { spawn } from 'node:child_process';

export interface CurlAnswer {
  readonly status: number;
  /** What curl prints: the body, with the head before it under `-i`. */
  readonly output: string;
}

/** Rejects with what curl says where there is no complete answer. */
export function runCurl(command: string): Promise<CurlAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `${command} -sS -w '\\n%{http_code}'`], {
      // A proxy of the machine knows nothing of our ports.
      env: { ...process.env, NO_PROXY: '*', no_proxy: '*' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code !== 0) {
        reject(new Error(`${command}: curl exits with ${code}: ${complaint}`));
        return;
      }
      const at = printed.lastIndexOf('\n');
      resolve({ status: Number(printed.slice(at + 1)), output: printed.slice(0, at) });
    });
  });
}
