/** Every check of one client on one of its ways. */
import { RUN, type World } from './checks.ts';
import { callsIn, connectionsAt, until } from './observe.ts';
import { type Cell, nameOf, type Row } from './table.ts';
import { CHECKS, type Check, type Client, type Passes, type Speaker, type Way } from './types.ts';

interface RowOptions {
  readonly client: Client;
  readonly version: string;
  readonly way: Way;
  readonly world: World;
  readonly passes: Passes;
}

export async function rowOf({ client, version, way, world, passes }: RowOptions): Promise<Row> {
  const { protocol, tls } = way;
  const { target, adminPort } = world;
  const { port } = target;
  const transport = tls ? 'TLS' : 'plain';
  const name = nameOf(client, way);
  const where = `${name}, ${protocol}, ${transport}`;
  const cells: Partial<Record<Check, Cell>> = {};
  // Connections of whoever was here before are none of this row's.
  await until('the connections before this row are closed', () => connectionsAt(port) === 0);
  let speaker: Speaker | null = null;
  const opened = await passes(`${where}: start`, async () => {
    speaker = await way.open(target);
  });
  for (const check of CHECKS) {
    if (way.lacks[check] !== undefined) {
      cells[check] = 'client lacks it';
      continue;
    }
    const subject = speaker as Speaker | null;
    const passed =
      opened &&
      subject !== null &&
      (await passes(`${where}: ${check}`, () => RUN[check]({ world, way, speaker: subject })));
    cells[check] = passed ? 'ok' : 'FAILED';
  }
  const closed = await passes(`${where}: nothing stays open`, async () => {
    await speaker?.close();
    await until('no call and no connection is left', async () => {
      const { atGateway, atService } = await callsIn(adminPort);
      return atGateway === 0 && atService === 0 && connectionsAt(port) === 0;
    });
  });
  return {
    client: name,
    version,
    protocol,
    transport,
    cells: cells as Row['cells'],
    nothingOpen: closed ? 'ok' : 'FAILED',
  };
}
