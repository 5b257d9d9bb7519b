/** The table of the results, and docs/clients.md, which holds it. */
import { readFileSync, writeFileSync } from 'node:fs';
import {
  CHECKS,
  type Check,
  type Client,
  type MissingWay,
  type Protocol,
  type Way,
} from './types.ts';

export type Cell = 'ok' | 'FAILED' | 'client lacks it';

export interface Row {
  readonly client: string;
  readonly version: string;
  readonly protocol: Protocol;
  readonly transport: 'plain' | 'TLS';
  readonly cells: Readonly<Record<Check, Cell>>;
  /** Whether calls and connections of this row were all gone behind it; null for a row that had none. */
  readonly nothingOpen: Cell | null;
}

const BEGIN = '<!-- made by npm run clients -- --write -->';
const END = '<!-- the end of what was made -->';
const VERSION_COLUMN = 1;

export const HEAD_LINES: readonly string[] = [
  line(['client', 'version', 'speaks', 'over', ...CHECKS, 'nothing stays open']),
  line(Array.from({ length: CHECKS.length + 5 }, () => '---')),
];

export function lineOf({ client, version, protocol, transport, cells, nothingOpen }: Row): string {
  const results = CHECKS.map((check) => cells[check]);
  return line([client, version, protocol, transport, ...results, nothingOpen ?? '']);
}

export function missingRows(client: Client, version: string): Row[] {
  return client.missing.flatMap(({ protocol, transports }: MissingWay) =>
    transports.map((transport) => ({
      client: client.name,
      version,
      protocol,
      transport,
      cells: Object.fromEntries(CHECKS.map((check) => [check, 'client lacks it'])) as Row['cells'],
      nothingOpen: null,
    })),
  );
}

export function nameOf({ name }: Client, { flag }: Pick<Way, 'flag'>): string {
  return flag === undefined ? name : `${name} \`${flag}\``;
}

/** Why the clients lack what they lack, once for each reason. */
export function reasonsOf(clients: readonly Client[]): string[] {
  return clients.flatMap(({ name, ways, missing }) => {
    const parts = new Set<string>();
    for (const { reason } of missing) parts.add(reason);
    for (const { lacks } of ways) {
      for (const [check, reason] of Object.entries(lacks)) parts.add(`${check}: ${reason}`);
    }
    return parts.size === 0 ? [] : [`- ${name}: ${[...parts].join('; ')}`];
  });
}

export function writePage(file: string, made: readonly string[]): void {
  const { before, after } = splitPage(file);
  writeFileSync(file, `${before}${BEGIN}\n\n${made.join('\n')}\n\n${END}${after}`);
}

/** Lines that the page should have and hasn't, whatever the versions are. */
export function missingInPage(file: string, made: readonly string[]): string[] {
  const has = new Set(splitPage(file).made.split('\n').map(withoutVersion));
  return made.filter((one) => one !== '' && !has.has(withoutVersion(one)));
}

function splitPage(file: string): { before: string; made: string; after: string } {
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${file} has no place for the table`);
  return {
    before: text.slice(0, begin),
    made: text.slice(begin + BEGIN.length, end),
    after: text.slice(end + END.length),
  };
}

function withoutVersion(text: string): string {
  if (!text.startsWith('| ')) return text;
  return text.split(' | ').toSpliced(VERSION_COLUMN, 1).join(' | ');
}

export function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
