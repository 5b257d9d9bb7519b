/** The interop client of grpc-go, case by case. */
import { spawn } from 'node:child_process';

export const GO_CASES = [
  'empty_unary',
  'large_unary',
  'client_streaming',
  'server_streaming',
  'ping_pong',
  'empty_stream',
  'timeout_on_sleeping_server',
  'cancel_after_begin',
  'cancel_after_first_response',
  'status_code_and_message',
  'special_status_message',
  'custom_metadata',
  'unimplemented_method',
  'unimplemented_service',
] as const;

/** Rejects with what the client said. `caFile` where it speaks TLS. */
export function runGoCase(
  binary: string,
  name: string,
  { port, caFile }: { readonly port: number; readonly caFile: string | undefined },
): Promise<void> {
  const words = ['--server_host=127.0.0.1', `--server_port=${port}`, `--test_case=${name}`];
  if (caFile !== undefined) words.push('--use_tls', '--use_test_ca', `--ca_file=${caFile}`);
  return new Promise((resolve, reject) => {
    const child = spawn(binary, words, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`exit status ${code}: ${said.trim()}`));
    });
  });
}
