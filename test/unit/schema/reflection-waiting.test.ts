/** Reflection and time: servers that are silent, not up yet, or never. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSchema } from '../../../src/schema/load.ts';
import type { SchemaEnvironment } from '../../../src/schema/source.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { environment, problemsOf, schemaDirectory } from '../../support/schema/load.ts';
import { filesOf, startReflection } from '../../support/schema/reflection-server.ts';
import type {
  ReflectionScript,
  RunningReflection,
} from '../../support/schema/reflection-server.ts';

const rich = filesOf(`${schemaDirectory}/rich.binpb`);

/** What is said of a server that answers so; the address is left out. */
async function refusal(
  script: ReflectionScript,
  overrides: Partial<SchemaEnvironment>,
): Promise<string> {
  const server = await startReflection(script);
  try {
    const source = { reflection: true, address: server.address } as const;
    const problems = await problemsOf(loadSchema(source, environment(overrides)));
    return problems.map(({ message }) => message.replace(server.address, 'SERVER')).join('\n');
  } finally {
    server.stop();
  }
}

test('refused: a server that is silent, after ten seconds of its clock', async () => {
  const clock = new ManualClock();
  const script: ReflectionScript = {
    files: rich,
    answer: (question) => {
      if (question.kind !== 'symbol') return undefined;
      setImmediate(() => clock.advance(10_000));
      return { silence: true };
    },
  };
  assert.equal(
    await refusal(script, { clock }),
    'reflection of SERVER: broke off after 1 answers: no answer within 10000 ms',
  );
  assert.equal(clock.pending, 0);
});

test('a server that is silent from the first question on is up, and refused', async () => {
  const clock = new ManualClock();
  const script: ReflectionScript = {
    answer: () => {
      setImmediate(() => clock.advance(10_000));
      return { silence: true };
    },
  };
  const overrides = { clock, maxAttempts: Infinity };
  assert.equal(await refusal(script, overrides), 'reflection of SERVER: no answer within 10000 ms');
});

test('a server that is not up is tried again until it is, each wait longer', async () => {
  const first = await startReflection({ files: rich });
  const { address } = first;
  first.stop();
  const clock = new ManualClock();
  const waits: number[] = [];
  let second: RunningReflection | undefined;
  const onRetry: SchemaEnvironment['onRetry'] = ({ attempt, delayMs, reason }) => {
    waits.push(delayMs);
    assert.equal(attempt, waits.length);
    assert.match(reason, /^14 /);
    void (async () => {
      if (attempt === 4) second = await startReflection({ files: rich, address });
      setImmediate(() => clock.advance(delayMs));
    })();
  };
  try {
    const schema = await loadSchema(
      { reflection: true, address },
      environment({ clock, maxAttempts: Infinity, onRetry }),
    );
    assert.ok(schema.services.has('rich.v1.Library'));
    assert.deepEqual(waits, [187.5, 375, 750, 1_500]);
  } finally {
    second?.stop();
  }
});

test('a server that never comes up is given up after the last try, or when the signal fires', async () => {
  const gone = await startReflection({});
  const source = { reflection: true, address: gone.address } as const;
  gone.stop();
  const [given] = await problemsOf(loadSchema(source, environment({ maxAttempts: 1 })));
  assert.match(given?.message ?? '', /: the server is not up: 14 /);

  const controller = new AbortController();
  const clock = new ManualClock();
  const onRetry = (): void => void setImmediate(() => controller.abort());
  const waiting = environment({
    clock,
    maxAttempts: Infinity,
    signal: controller.signal,
    onRetry,
  });
  const [stopped] = await problemsOf(loadSchema(source, waiting));
  assert.match(stopped?.message ?? '', /: stopped waiting for the server$/);
  assert.equal(clock.pending, 0);
});

test('of several servers the first that is up is asked, before anybody waits', async () => {
  const gone = await startReflection({});
  gone.stop();
  const up = await startReflection({ files: rich });
  try {
    const schema = await loadSchema(
      { reflection: true, address: gone.address, otherAddresses: [gone.address, up.address] },
      environment({ maxAttempts: 1 }),
    );
    assert.ok(schema.services.has('rich.v1.Library'));
    const none = {
      reflection: true,
      address: gone.address,
      otherAddresses: [gone.address],
    } as const;
    const [problem] = await problemsOf(loadSchema(none, environment({ maxAttempts: 1 })));
    assert.match(problem?.message ?? '', /: the server is not up: 14 /);
  } finally {
    up.stop();
  }
});

test('the signal also ends a question that waits', async () => {
  const controller = new AbortController();
  const script: ReflectionScript = {
    answer: () => {
      setImmediate(() => controller.abort());
      return { silence: true };
    },
  };
  assert.match(
    await refusal(script, { signal: controller.signal }),
    /: stopped waiting for the server$/,
  );
});
