import { listening } from '../lib/ports.ts';
import { OTHER_CORE, type Running, start } from '../lib/processes.ts';
import { join } from 'node:path';
import { cannedUpstream } from './canned.ts';

export type UpstreamKind = keyof typeof COMMANDS;

const COMMANDS = { canned: cannedUpstream };

export async function startUpstream(
  kind: UpstreamKind,
  folder: string,
  port: number,
): Promise<Running> {
  const running = start(COMMANDS[kind](folder, port), OTHER_CORE, join(folder, 'upstream.log'));
  await listening(port, running, `the ${kind} upstream`);
  return running;
}
