/**
 * Loading rules: time and memory of a gateway whose .proto files carry 10,000 http rules, against one with a single rule.
 *
 *     npm run bench:rules [-- RUNS]
 *
 * 100 files with a service of 100 methods each, every method with messages of its own and one rule; each also answers its RPC path, so
 * that the table has 20,000 routes. Each gateway is a process of its own, started as a library would start it: time is from
 * `createGateway` to listening, modules included; memory is what the process has then, and again after a full collection.
 *
 * In November 2026: 110 MB are kept. RSS grows by 265 MB, since loading makes V8 widen its young generation to 128 MB here; with
 * NODE_OPTIONS=--max-semi-space-size=16 it grows by 190 MB (one run). v8.setFlagsFromString with that flag changes nothing once Node runs,
 * so the command can't set it; what it would cost calls was not measured.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { createGateway } from 'polygate';

const FILES = 100;
const METHODS = 100;
const SELF = fileURLToPath(import.meta.url);

interface Measured {
  readonly routes: number;
  readonly elapsedMs: number;
  readonly rssMb: number;
  readonly collectedMb: number;
}

function protoOf(file: number, methods: number): string {
  const name = `resource${file}`;
  const lines = [
    'syntax = "proto3";',
    `package bench.${name}.v1;`,
    'import "google/api/annotations.proto";',
    `service Service${file} {`,
  ];
  const messages: string[] = [];
  for (let at = 0; at < methods; at++) {
    const rule = RULES[at % RULES.length] ?? '';
    const path = rule.replace('{}', `/v1/{name=${name}s/*/parts${at}/*}`);
    lines.push(
      `  rpc Call${at}(Call${at}Request) returns (Call${at}Response) { option (google.api.http) = { ${path} }; }`,
    );
    messages.push(
      `message Call${at}Request { string name = 1; int32 page_size = 2; Part${at} part = 3; }`,
      `message Call${at}Response { string name = 1; repeated Part${at} parts = 2; }`,
      `message Part${at} { string title = 1; int64 revision = 2; map<string, string> labels = 3; }`,
    );
  }
  return [...lines, '}', ...messages].join('\n');
}

/** `{}` stands for the path. */
const RULES = [
  'get: "{}"',
  'post: "{}" body: "*"',
  'patch: "{}" body: "part"',
  'delete: "{}"',
  'post: "{}:run" body: "*"',
];

function write(folder: string, files: number, methods: number): void {
  mkdirSync(folder);
  for (let at = 0; at < files; at++) {
    writeFileSync(join(folder, `resource${at}.proto`), protoOf(at, methods));
  }
}

/** In a process of its own: starts, measures, prints. */
async function measure(folder: string, files: number): Promise<void> {
  const startMs = performance.now();
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: { port: 0 },
      log: { level: 'silent' },
      upstreams: {
        bench: {
          protocol: 'grpc',
          endpoints: ['127.0.0.1:1'],
          schema: { protos: Array.from({ length: files }, (_, at) => `resource${at}.proto`) },
        },
      },
      routes: [{ services: '*', upstream: 'bench' }],
    },
    { baseDir: folder },
  );
  const elapsedMs = performance.now() - startMs;
  const rssMb = process.memoryUsage.rss() / 2 ** 20;
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  const measured: Measured = {
    routes: gateway.generation.table.entries().length,
    elapsedMs,
    rssMb,
    collectedMb: (heapUsed + external) / 2 ** 20,
  };
  console.log(JSON.stringify(measured));
  await gateway.close(true);
}

function measureApart(folder: string, files: number): Measured {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--conditions=polygate-source', '--expose-gc', SELF, '--measure', folder, String(files)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Measured;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function compare(runs: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'polygate-rules-'));
  try {
    const subjects = [
      { name: '1 rule', folder: join(folder, 'one'), files: 1, methods: 1 },
      {
        name: `${FILES * METHODS} rules`,
        folder: join(folder, 'many'),
        files: FILES,
        methods: METHODS,
      },
    ].map((subject) => ({ ...subject, measured: [] as Measured[] }));
    for (const subject of subjects) write(subject.folder, subject.files, subject.methods);
    for (let run = 0; run < runs; run++) {
      for (const { folder: own, files, measured } of subjects)
        measured.push(measureApart(own, files));
    }
    console.log(`${runs} runs, medians    routes   ms to listening   RSS MB   MB after collection`);
    for (const { name, measured } of subjects) {
      const columns = [
        String(measured[0]?.routes).padStart(8),
        median(measured.map(({ elapsedMs }) => elapsedMs))
          .toFixed(0)
          .padStart(18),
        median(measured.map(({ rssMb }) => rssMb))
          .toFixed(0)
          .padStart(9),
        median(measured.map(({ collectedMb }) => collectedMb))
          .toFixed(0)
          .padStart(22),
      ];
      console.log(name.padEnd(17) + columns.join(''));
    }
    console.log(`node ${process.version}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [mode, folder = '', files = '0'] = process.argv.slice(2);
if (mode === '--measure') await measure(folder, Number(files));
else compare(Number(mode ?? 5));
