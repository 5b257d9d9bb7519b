/** What docs/protocols.md says of the matrix. */
import { CODECS, CODINGS } from '../support/clients/messages.ts';
import { grpcClient } from '../support/clients/grpc.ts';
import type { ClientProtocol } from '../support/clients/types.ts';
import { allCells, type Cell, CLIENTS, impossible, KINDS, SERVICES } from './cells.ts';
import { answerTransfer, requestTransfer } from './transfers.ts';

/** Every table of the page that is made, by the name in its marker. */
function tables(): Readonly<Record<string, string>> {
  return { kinds: kinds(), transfers: transfers(), totals: totals(), impossible: reasons() };
}

/** `page` with its tables made anew; they stand between `<!-- NAME: made by npm run protocols -->` and `<!-- end -->`. */
export function withTables(page: string): string {
  return Object.entries(tables()).reduce((text, [name, table]) => {
    const start = `<!-- ${name}: made by npm run protocols -->\n`;
    const from = text.indexOf(start);
    const to = text.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`the page has no place for ${name}`);
    return `${text.slice(0, from + start.length)}\n${table}\n${text.slice(to)}`;
  }, page);
}

/** Where a kind works with every service, codec of the client and coding, it is on. */
function kinds(): string {
  const rows = CLIENTS.flatMap((client) =>
    (['HTTP/1.1', 'h2c'] as const).map((transport) => [
      client.name,
      transport === 'h2c' ? 'HTTP/2' : transport,
      ...KINDS.map((kind) => {
        const cells = [...allCells()].filter(
          (cell) => cell.client === client && cell.transport === transport && cell.kind === kind,
        );
        return able(cells, client) ? 'yes' : '';
      }),
      client.capabilities.codecs.join(', '),
    ]),
  );
  return tableOf(['client', 'over', ...KINDS.map(({ name }) => name), 'messages'], rows);
}

function able(cells: readonly Cell[], { capabilities }: ClientProtocol): boolean {
  return cells
    .filter(({ codec }) => capabilities.codecs.includes(codec))
    .every((cell) => impossible(cell) === null);
}

/** Of a dialogue in envelopes; whatever is one piece is a reframe where this has a splice. */
function transfers(): string {
  const kind = KINDS.find(({ dialogue }) => dialogue);
  if (kind === undefined) throw new Error('there is no dialogue');
  const rows = CODECS.flatMap((codec) =>
    CODINGS.map((coding) => [
      `${codec}, ${coding}`,
      ...SERVICES.map((service) => {
        const cell: Cell = { client: grpcClient, transport: 'h2c', service, kind, codec, coding };
        return `${requestTransfer(cell)}, ${answerTransfer(cell)}`;
      }),
    ]),
  );
  return tableOf(['client', ...SERVICES.map(({ name }) => name)], rows);
}

function totals(): string {
  const counted = [...SERVICES.map((service) => [service]), SERVICES].map((services) => {
    const cells = [...allCells(services)];
    const on = cells.filter((cell) => impossible(cell) === null).length;
    const name = services === SERVICES ? 'all' : (services[0]?.name ?? '');
    return [name, on, cells.length - on, cells.length].map(String);
  });
  return tableOf(['services', 'on', 'impossible', 'in total'], counted);
}

function reasons(): string {
  const counts = new Map<string, number>();
  for (const cell of allCells()) {
    const reason = impossible(cell);
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return tableOf(
    ['because', 'cells'],
    Array.from(counts, ([reason, cells]) => [reason, String(cells)]),
  );
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(row))].join('');
}
