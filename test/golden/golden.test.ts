/**
 * The cases of test/golden/*.http, byte for byte over a socket: request, what the service saw, response. `GOLDEN_UPDATE=1` writes what happened
 * into the files, to be read with care before it is committed.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createGateway, type Gateway } from 'polygate';
import { exchange } from '../support/golden-client.ts';
import {
  type GoldenCase,
  parseFile,
  parseScript,
  printAnswer,
  printFile,
  printSeen,
  requestBytes,
} from '../support/golden-file.ts';
import { type GoldenService, startGoldenService } from '../support/golden-service.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { memoryLog } from '../support/memory-log.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const UPDATES = process.env['GOLDEN_UPDATE'] === '1';

for (const name of globSync('*.http', { cwd: FOLDER }).toSorted()) {
  const file = `${FOLDER}${name}`;
  const text = readFileSync(file, 'utf8');
  const { preamble, settings, cases } = parseFile(text);
  describe(name, () => {
    const happened: GoldenCase[] = [];
    let service: GoldenService;
    let gateway: Gateway | undefined;

    before(async () => {
      service = await startGoldenService();
      gateway = await startGateway(service.port, settings);
    });
    after(async () => {
      await gateway?.close(true);
      service.close();
      if (UPDATES && happened.length === cases.length)
        writeFileSync(file, printFile({ preamble, cases: happened }));
    });

    for (const golden of cases) {
      test(golden.name, { timeout: 10_000 }, async () => {
        assert.ok(gateway);
        const actual = await run(golden, gateway.port, service);
        happened.push(actual);
        if (UPDATES) return;
        assert.equal(actual.seen, golden.seen);
        assert.equal(actual.response, golden.response);
      });
    }

    test('is written as this runner writes it', () => {
      assert.equal(UPDATES || printFile({ preamble, cases }) === text, true);
    });
  });
}

async function run(golden: GoldenCase, port: number, service: GoldenService): Promise<GoldenCase> {
  service.seen.length = 0;
  service.script = parseScript(golden.script);
  const answer = await exchange(port, requestBytes(golden.request));
  const response = printAnswer(answer, golden.response);
  return {
    ...golden,
    seen: printSeen(service.seen, golden.seen),
    response: response.replaceAll(`127.0.0.1:${service.port}`, '<service>'),
  };
}

/** On a clock that stands still, so that deadlines are what was asked for. */
function startGateway(port: number, settings: object): Promise<Gateway> {
  return createGateway(
    {
      ...settings,
      listen: { port: 0 },
      admin: false,
      upstreams: {
        golden: {
          protocol: 'grpc',
          endpoints: [`127.0.0.1:${port}`],
          schema: { protos: ['golden/v1/golden.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: ['golden.v1.Golden'], upstream: 'golden' }],
    },
    {
      baseDir: fileURLToPath(new URL('../support/protos', import.meta.url)),
      clock: new ManualClock(),
      log: memoryLog(),
    },
  );
}
