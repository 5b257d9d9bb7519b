/** nginx with a file for each method: an upstream that costs next to nothing, so that the core it shares with the load is not the bound. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ITEM, ORDER, ORDER_LIST, price, STREAMED_MESSAGES } from '../lib/messages.ts';
import { filled } from '../lib/paths.ts';
import type { Command } from '../lib/processes.ts';
import { enveloped, methodOf, orderFromJson, type Plain, SERVICE } from '../lib/proto.ts';

export function cannedUpstream(folder: string, port: number): Command {
  const files = join(folder, 'canned', SERVICE);
  mkdirSync(files, { recursive: true });
  for (const [name, messages] of cannedAnswers()) {
    const { responseSerialize } = methodOf(name);
    const bytes = messages.map((message) => enveloped(responseSerialize(message)));
    writeFileSync(join(files, name), Buffer.concat(bytes));
  }
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, filled('upstream/nginx.conf.template', { PORT: port, FOLDER: folder }));
  return { program: 'nginx', args: ['-c', config, '-p', folder, '-e', join(folder, 'nginx.log')] };
}

function cannedAnswers(): Map<string, readonly Plain[]> {
  const orders = (ORDER_LIST['orders'] as Plain[]).map((order) => orderFromJson(order));
  return new Map<string, readonly Plain[]>([
    ['GetItem', [ITEM]],
    ['PlaceOrder', [orderFromJson(ORDER)]],
    ['ListOrders', [{ orders }]],
    ['WatchPrices', Array.from({ length: STREAMED_MESSAGES }, (_, n) => price(n))],
  ]);
}
