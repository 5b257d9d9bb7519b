import { listening } from '../lib/ports.ts';
import { type Command, OTHER_CORE, type Running, start } from '../lib/processes.ts';
import { join } from 'node:path';
import { cannedUpstream } from './canned.ts';

export type UpstreamKind = keyof typeof COMMANDS;

/** As the table names them. */
export const UPSTREAMS: Readonly<Record<UpstreamKind, string>> = {
  canned: 'nginx, canned',
  paced: 'node:http2',
};

const COMMANDS = { canned: cannedUpstream, paced: pacedUpstream };

export async function startUpstream(
  kind: UpstreamKind,
  folder: string,
  port: number,
): Promise<Running> {
  const running = start(COMMANDS[kind](folder, port), OTHER_CORE, join(folder, 'upstream.log'));
  await listening(port, running, `the ${kind} upstream`);
  return running;
}

function pacedUpstream(_folder: string, port: number): Command {
  const script = join(import.meta.dirname, 'paced-process.ts');
  return { program: process.execPath, args: [script, String(port)] };
}
