/** The contestants of one workload, each a fresh process, in front of one upstream. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Contestant } from '../contestants/types.ts';
import { startUpstream, type UpstreamKind } from '../upstream/start.ts';
import { folder } from './paths.ts';
import { freePort, listening } from './ports.ts';
import { GATEWAY_CORE, type Running, start, stop } from './processes.ts';

export interface Entrant {
  readonly contestant: Contestant;
  readonly running: Running;
  readonly port: number;
  readonly folder: string;
}

export interface Field {
  /** `name` is of the folder that its configuration and logs stay in; each has one of its own. */
  enter(contestant: Contestant, name?: string): Promise<Entrant>;
  leave(entrant: Entrant): Promise<void>;
  end(): Promise<void>;
}

/** Logs and configurations of the last run stay in the cache, for whoever wonders. */
export async function openField(name: string, upstream: UpstreamKind): Promise<Field> {
  const place = folder('run', name);
  rmSync(place, { recursive: true });
  mkdirSync(place);
  const upstreamPort = await freePort();
  const service = await startUpstream(upstream, place, upstreamPort);
  const entrants = new Set<Entrant>();
  const leave = async (entrant: Entrant): Promise<void> => {
    entrants.delete(entrant);
    await stop(entrant.running);
  };
  return {
    enter: async (contestant, name = contestant.name) => {
      const own = join(place, name);
      mkdirSync(own);
      const [port, adminPort] = [await freePort(), await freePort()];
      const command = contestant.command({ folder: own, port, adminPort, upstreamPort });
      contestant.beforeStart?.(command);
      const running = start(command, GATEWAY_CORE, join(own, 'output.log'));
      const entrant = { contestant, running, port, folder: own };
      entrants.add(entrant);
      await listening(port, running, contestant.name);
      return entrant;
    },
    leave,
    end: async () => {
      await Promise.all([...entrants].map((entrant) => leave(entrant)));
      await stop(service);
    },
  };
}
