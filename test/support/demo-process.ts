/** `npm run demo` as a process of its own, on ports that a test chooses. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

export interface DemoProcess {
  /** All that it has printed until it was ready. */
  readonly output: string;
  readonly commands: readonly string[];
  /** `http://127.0.0.1:PORT` of the gateway. */
  readonly origin: string;
  /** `HOST:PORT` of the gRPC service. */
  readonly bookstore: string;
  readonly child: ChildProcess;
  /** The exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
}

const DEMO = fileURLToPath(new URL('../../examples/demo.ts', import.meta.url));

/** `ports` is `GATEWAY,ADMIN,BOOKSTORE`; 0 is any free port. Killed behind the test if it still runs. */
export async function startDemoProcess(t: TestContext, ports = '0,0,0'): Promise<DemoProcess> {
  const child = spawn(process.execPath, ['--conditions=polygate-source', DEMO], {
    env: { ...process.env, DEMO_PORTS: ports },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
  t.after(() => child.kill('SIGKILL'));
  const output = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('Ctrl-C')) resolve(printed);
    });
    void exit.then((code) => reject(new Error(`the demo ended with ${code}: ${printed}`)));
  });
  const [, origin = '', bookstore = ''] = /^REST\s+(\S+)\s+->\s+gRPC\s+(\S+)/m.exec(output) ?? [];
  const commands = output.split('\n').filter((line) => line.startsWith('curl '));
  return { output, commands, origin, bookstore, child, exit };
}
