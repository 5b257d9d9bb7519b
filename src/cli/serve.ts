/** `polygate serve`: from the command line to a gateway that runs until a signal, and its end. */
import type { Overrides } from '../config/override.ts';
import type { Plan } from '../config/plan.ts';
import { type Gateway, startGateway } from '../gateway.ts';
import { createLog, type Log } from '../telemetry/log.ts';
import type { ConfigSource } from './arguments.ts';
import { EXIT_FORCED, EXIT_OK } from './exit-codes.ts';
import { keepHeapSmall } from './heap.ts';
import { planOf } from './inspect.ts';
import { endOnUncaught, processSignals, type StopSignals } from './signals.ts';
import { counted, type Terminal } from './terminal.ts';
import { welcome } from './welcome.ts';

interface ServeCommand {
  readonly source: ConfigSource;
  readonly overrides: Overrides;
}

export async function serve(command: ServeCommand, terminal: Terminal): Promise<number> {
  keepHeapSmall();
  const stop = processSignals(terminal);
  const { plan } = await planOf(command.source, terminal.cwd, command.overrides);
  const log = await createLog({ level: plan.log.level });
  endOnUncaught(log, terminal);
  const gateway = await start(plan, { log, stop, terminal });
  if (gateway === null) return EXIT_OK;
  terminal.err(welcome(gateway, plan, command.source));
  await stop.first;
  return end(gateway, plan, { log, stop, terminal });
}

interface Around {
  readonly log: Log;
  readonly stop: StopSignals;
  readonly terminal: Terminal;
}

/** Null where a signal came before the gateway was up: nothing was accepted, so nothing is lost. */
async function start(plan: Plan, { log, stop, terminal }: Around): Promise<Gateway | null> {
  const waiting = new Set<string>();
  try {
    return await startGateway(plan, {
      log,
      signal: stop.signal,
      onRetry: ({ name, endpoints }, { reason }) => {
        if (waiting.has(name)) return;
        waiting.add(name);
        const address = endpoints[0]?.address ?? name;
        terminal.err(
          `waiting for ${address} to tell its schema (${causeIn(reason)}); Ctrl-C ends\n`,
        );
      },
    });
  } catch (error) {
    await log.flush();
    if (!stop.signal.aborted) throw error;
    terminal.err(`${await stop.first}: stopped before anything was served\n`);
    return null;
  }
}

async function end(gateway: Gateway, plan: Plan, around: Around): Promise<number> {
  const { log, stop, terminal } = around;
  const signal = await stop.first;
  const drainS = plan.drainMs / 1000;
  log.info({ signal, drainMs: plan.drainMs }, 'polygate is stopping');
  terminal.err(`${signal}: finishing what is in flight, for ${drainS} s at most\n`);
  const cut = await gateway.close();
  if (cut > 0) {
    log.warn({ cut }, 'calls were cut at the end of the drain time');
    terminal.err(`cut ${counted(cut, 'call')} that had not finished within ${drainS} s\n`);
  }
  log.info({ cut }, 'polygate has stopped');
  await log.flush();
  return cut > 0 ? EXIT_FORCED : EXIT_OK;
}

/** What of grpc-js's reason says something: `14 No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note:`. */
function causeIn(reason: string): string {
  const [, cause = reason] =
    /Last error: (?:Error: )?(.*?)\.(?: Resolution note:|$)/.exec(reason) ?? [];
  return cause;
}
