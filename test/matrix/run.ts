/** Runs every cell in front of one kind of service. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { HTTP_TRANSPORTS } from '../support/clients/http.ts';
import { allCells, type Cell, cellsOf, CLIENTS, impossible, nameOf } from './cells.ts';
import { MatrixGateway } from './harness.ts';
import {
  cancelled,
  dialogue,
  earlyError,
  goodCall,
  lateError,
  refused,
  spliced,
  tooLate,
} from './scripts.ts';
import type { ServiceKind } from './service.ts';

const HALF_DUPLEX = { goodCall, earlyError, lateError, cancelled, tooLate, spliced };

export function matrixOf(service: ServiceKind): void {
  describe(`the matrix in front of ${service.name}`, () => {
    let matrix: MatrixGateway | null = null;
    const counts = { on: 0, impossible: 0 };
    before(async () => {
      matrix = await MatrixGateway.start(service);
    });
    after(() => matrix?.close());
    for (const client of CLIENTS) {
      for (const transport of HTTP_TRANSPORTS) {
        test(`${client.name} by ${transport}`, async () => {
          assert.ok(matrix);
          for (const cell of cellsOf(client, transport, service)) {
            counts[await runCell(matrix, cell)]++;
          }
        });
      }
    }
    test('every cell has been run', (t) => {
      const total = counts.on + counts.impossible;
      const shown = `${counts.on} on, ${counts.impossible} impossible, ${total} in total`;
      t.diagnostic(`the matrix in front of ${service.name}: ${shown}`);
      assert.equal(total, [...allCells([service])].length);
    });
  });
}

async function runCell(matrix: MatrixGateway, cell: Cell): Promise<'on' | 'impossible'> {
  const reason = impossible(cell);
  if (reason !== null) {
    await named(cell, reason, () => refused(matrix, cell));
    return 'impossible';
  }
  const scripts = cell.kind.dialogue ? { dialogue } : HALF_DUPLEX;
  for (const [name, script] of Object.entries(scripts)) {
    const { calls } = matrix.service;
    await named(cell, name, () => script(matrix, cell));
    assert.ok(matrix.service.calls <= calls + 1);
  }
  return 'on';
}

/** One test has fifty cells: the message says which it was. */
async function named(cell: Cell, what: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${nameOf(cell)}: ${what}: ${reason}`, { cause });
  }
}
