/** `npm run demo`: a gRPC service that knows nothing of HTTP, polygate in front of it, and curl lines to paste. Ctrl-C ends it. */
import { systemClock } from '../src/lib/clock.ts';
import { curlLines } from './curl-lines.ts';
import { type DemoPorts, startDemo } from './start-demo.ts';

/** Those of gateway.config.ts. */
const WANTED: DemoPorts = { gateway: 8080, admin: 9901, bookstore: 50051 };
/** npm hands Ctrl-C on to a process that the terminal has told already: one that comes so soon is the same one. */
const SAME_SIGNAL_MS = 300;

const wanted = wantedPorts(process.env['DEMO_PORTS']);
const demo = await startDemo(wanted);
let endingSinceMs: number | null = null;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
process.stdout.write(welcome(demo.ports));

/** What a terminal shows once everything listens. */
function welcome(ports: DemoPorts): string {
  const origin = `http://127.0.0.1:${ports.gateway}`;
  const names = ['gateway', 'admin', 'bookstore'] as const;
  const moved = names.filter((name) => wanted[name] !== 0 && wanted[name] !== ports[name]);
  const lines = [
    '',
    `REST  ${origin}  ->  gRPC  127.0.0.1:${ports.bookstore}  (bookstore.v1.Bookstore)`,
    `admin http://127.0.0.1:${ports.admin}  /healthz /readyz /metrics`,
    ...(moved.length === 0 ? [] : [`on another port, since theirs is busy: ${moved.join(', ')}`]),
  ];
  for (const { title, lines: group } of curlLines(origin)) {
    lines.push('', `## ${title}`);
    for (const { caption, command } of group) lines.push(`# ${caption}`, command);
  }
  return `${lines.join('\n')}\n\nPaste any of these lines into another terminal. Ctrl-C ends the demo.\n`;
}

function end(): void {
  const nowMs = systemClock.nowMs();
  if (endingSinceMs !== null) {
    if (nowMs - endingSinceMs > SAME_SIGNAL_MS) process.exit(0);
    return;
  }
  endingSinceMs = nowMs;
  void demo.close().then(() => process.exit(0));
}

/** `GATEWAY,ADMIN,BOOKSTORE`, for tests, where 0 is any free port. */
function wantedPorts(text: string | undefined): DemoPorts {
  if (text === undefined) return WANTED;
  const [gateway = 0, admin = 0, bookstore = 0] = text.split(',').map(Number);
  return { gateway, admin, bookstore };
}
