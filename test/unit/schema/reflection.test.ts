/** Server reflection against real servers: honest ones, ones that lie, die or are not up yet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { loadSchema } from '../../../src/schema/load.ts';
import type { Schema } from '../../../src/schema/model.ts';
import type { SchemaEnvironment } from '../../../src/schema/source.ts';
import { dumpSchema } from '../../support/schema/dump.ts';
import { environment, problemsOf, schemaDirectory } from '../../support/schema/load.ts';
import { fileBytes, filesOf, startReflection } from '../../support/schema/reflection-server.ts';
import type {
  Answer,
  Question,
  ReflectionScript,
  RunningReflection,
} from '../../support/schema/reflection-server.ts';

const rich = filesOf(`${schemaDirectory}/rich.binpb`);

function load(
  server: RunningReflection,
  overrides: Partial<SchemaEnvironment> = {},
): Promise<Schema> {
  return loadSchema({ reflection: true, address: server.address }, environment(overrides));
}

async function withServer<Result>(
  script: ReflectionScript,
  use: (server: RunningReflection) => Promise<Result>,
): Promise<Result> {
  const server = await startReflection(script);
  try {
    return await use(server);
  } finally {
    server.stop();
  }
}

/** What is said of a server that answers so; the address is left out. */
async function refusal(
  script: ReflectionScript,
  overrides: Partial<SchemaEnvironment> = {},
): Promise<string> {
  return withServer(script, async (server) => {
    const problems = await problemsOf(load(server, overrides));
    return problems.map(({ message }) => message.replace(server.address, 'SERVER')).join('\n');
  });
}

/** Answers one kind of question otherwise. */
function lie(kind: Question['kind'], answer: Answer): ReflectionScript {
  return { files: rich, answer: (question) => (question.kind === kind ? answer : undefined) };
}

const service = (name: string, more: object = {}): object => ({
  name,
  messageType: [{ name: 'M' }],
  service: [{ name: 'S', method: [{ name: 'A', inputType: '.M', outputType: '.M' }] }],
  ...more,
});

test('imports are followed, each file is asked for once', async () => {
  await withServer({ files: rich }, async (server) => {
    const schema = await load(server);
    assert.deepEqual([...schema.services.keys()], ['rich.v1.Library']);
    const names = server.questions.map(({ kind, text }) => `${kind} ${text}`);
    assert.equal(new Set(names).size, names.length);
    assert.equal(server.questions.length, 1 + rich.size);
    assert.deepEqual(server.calls, ['v1']);
  });
});

test('a server that knows only v1alpha', async () => {
  await withServer({ files: rich, versions: ['v1alpha'] }, async (server) => {
    const schema = await load(server);
    assert.ok(schema.services.has('rich.v1.Library'));
    assert.deepEqual(server.calls, ['v1alpha']);
  });
});

test('a server that hands out every file at once', async () => {
  const answer = (question: Question): Answer | undefined =>
    question.kind === 'symbol' ? { files: [...rich.values()] } : undefined;
  await withServer({ files: rich, answer }, async (server) => {
    const schema = await load(server);
    const set = await loadSchema({ descriptorSet: 'rich.binpb' }, environment());
    assert.deepEqual(dumpSchema(schema), dumpSchema(set));
    assert.equal(server.questions.length, 2);
  });
});

test('health is served, reflection itself is not, what cannot be described is left out with a warning', async () => {
  const types = { inputType: '.grpc.health.v1.M', outputType: '.grpc.health.v1.M' };
  const health = fileBytes({
    ...service('health.proto', { package: 'grpc.health.v1' }),
    service: [{ name: 'S', method: [{ name: 'A', ...types }] }],
  });
  const listed = ['grpc.reflection.v1alpha.ServerReflection', 'grpc.health.v1.S', 'secret.S'];
  const answer = (question: Question): Answer | undefined => {
    if (question.kind === 'list') return { services: listed };
    return question.text === 'grpc.health.v1.S' ? { files: [health] } : undefined;
  };
  await withServer({ answer }, async (server) => {
    const schema = await load(server);
    assert.deepEqual([...schema.services.keys()], ['grpc.health.v1.S']);
    assert.deepEqual(schema.warnings, [
      `reflection of ${server.address}: the server lists secret.S, but cannot describe it (error 5: "no secret.S"); it is left out`,
    ]);
  });
});

test('a server without services is a warning', async () => {
  await withServer({}, async (server) => {
    const schema = await load(server);
    assert.equal(schema.services.size, 0);
    assert.match(schema.warnings.join(), /the server lists no service that it can describe$/);
  });
});

test('an import that the server does not have is taken from what comes along', async () => {
  const files = new Map(rich);
  files.delete('google/protobuf/timestamp.proto');
  await withServer({ files }, async (server) => {
    const schema = await load(server);
    assert.ok(schema.messages.has('google.protobuf.Timestamp'));
  });
});

test('metadata of the source is sent', async () => {
  await withServer({ files: rich }, async (server) => {
    const metadata = { authorization: 'Bearer token' };
    await loadSchema({ reflection: true, address: server.address, metadata }, environment());
    assert.deepEqual(server.metadata('authorization'), ['Bearer token']);
  });
});

test('refused: a server without reflection', async () => {
  assert.equal(
    await refusal({ versions: [] }),
    'reflection of SERVER: the server has neither grpc.reflection.v1 nor v1alpha; give its schema as protos or descriptorSet',
  );
});

const LIES: readonly (readonly [what: string, script: ReflectionScript, complaint: RegExp])[] = [
  [
    'a file that was not asked for',
    lie('filename', { files: [fileBytes({ name: 'other.proto' })] }),
    /^reflection of SERVER: asked for "google\/[a-z/]+\.proto", answered "other\.proto"$/,
  ],
  [
    'a file that does not declare the service',
    lie('symbol', { files: [fileBytes(service('other.proto'))] }),
    /: asked for rich\.v1\.Library, answered "other\.proto", which does not declare it$/,
  ],
  [
    'a garbage descriptor',
    lie('symbol', { files: [Buffer.from('ffffffff', 'hex')] }),
    /: asked for "rich\.v1\.Library", answered what is no file descriptor: /,
  ],
  [
    'a file without a name',
    lie('symbol', { files: [new Uint8Array()] }),
    /no file descriptor: a file descriptor without a name$/,
  ],
  [
    'no file at all',
    lie('symbol', { files: [] }),
    /: asked for "rich\.v1\.Library", answered no file: files$/,
  ],
  [
    'a list for a file',
    lie('filename', { services: ['a.B'] }),
    /answered no file: a list of services$/,
  ],
  ['a file for a list', lie('list', { files: [] }), /: no list of services: files$/],
  [
    'an error for a list',
    lie('list', { error: 7, message: 'go away' }),
    /: no list of services: error 7: "go away"$/,
  ],
  [
    'an error for a file',
    lie('filename', { error: 13, message: 'oops' }),
    /, answered error 13: "oops"$/,
  ],
  [
    'an empty answer',
    lie('symbol', { raw: new Uint8Array() }),
    /answered no file: an empty answer$/,
  ],
  [
    'an answer of garbage',
    lie('list', { raw: Buffer.from('ffff', 'hex') }),
    /: an answer that cannot be read: /,
  ],
  [
    'a service that has no name',
    lie('list', { services: [''] }),
    /: a service cannot be named ""$/,
  ],
  [
    'a service named as code',
    lie('list', { services: ['a.B");process.exit(7);//'] }),
    /: a service cannot be named "a\.B\\"\);process\.exit\(7\);\/\/"$/,
  ],
  [
    'a descriptor with a hostile name',
    lie('symbol', {
      files: [
        fileBytes(
          service('x', {
            package: 'rich.v1',
            messageType: [{ name: '__proto__' }],
            service: [{ name: 'Library' }],
          }),
        ),
      ],
    }),
    /a message in rich\.v1 cannot be named "__proto__"$/,
  ],
  [
    'the end instead of an answer',
    lie('symbol', { end: true }),
    /: broke off after 1 answers: the server ended the reflection call before its answer$/,
  ],
  [
    'an error in the middle',
    lie('filename', { status: status.INTERNAL }),
    /: broke off after 2 answers: 13 as scripted$/,
  ],
  [
    'a refusal of the call',
    lie('list', { status: status.PERMISSION_DENIED }),
    /^reflection of SERVER: 7 as scripted$/,
  ],
];

for (const [what, script, complaint] of LIES) {
  test(`refused: ${what}`, async () => {
    assert.match(await refusal(script), complaint);
  });
}

test('refused: a server that dies midway', async () => {
  assert.match(
    await refusal(lie('filename', { die: true })),
    /^reflection of SERVER: broke off after 2 answers: (?:14|13|1) /,
  );
});

test('refused: a type that no file declares', async () => {
  const file = service('x', { messageType: [], package: 'a' });
  const script: ReflectionScript = {
    answer: (question) =>
      question.kind === 'list' ? { services: ['a.S'] } : { files: [fileBytes(file)] },
  };
  assert.match(await refusal(script), /method a\.S\.A refers to M, which no file declares/);
});

test('refused: imports without an end', async () => {
  const script: ReflectionScript = {
    answer: (question) => {
      if (question.kind === 'list') return { services: ['S'] };
      const at = question.kind === 'symbol' ? 0 : Number(question.text);
      const content = at === 0 ? service('0') : { name: question.text };
      // Each file imports a thousand that nobody has seen, so that the bound is met soon.
      const dependency = Array.from({ length: 1_000 }, (_, more) => String(at * 1_000 + more + 1));
      return { files: [fileBytes({ ...content, dependency })] };
    },
  };
  const all: ReflectionScript = {
    answer: (question, count) => {
      const answer = script.answer?.(question, count);
      if (question.kind !== 'filename' || answer === undefined || !('files' in answer))
        return answer;
      const extra = Array.from({ length: 2_000 }, (_, more) =>
        fileBytes({ name: `${question.text}-${more}` }),
      );
      return { files: [...answer.files, ...extra] };
    },
  };
  assert.equal(
    await refusal(all),
    'reflection of SERVER: more than 10000 files; are the imports endless?',
  );
});

test('refused: more bytes than any schema has', async () => {
  const padding = 'x'.repeat(20_000_000);
  const script: ReflectionScript = {
    answer: (question) => {
      if (question.kind === 'list') return { services: ['S'] };
      const name = question.kind === 'symbol' ? '0' : question.text;
      const file = fileBytes({
        ...service(name),
        dependency: [`${name}1`],
        options: { javaPackage: padding },
      });
      return { files: [file] };
    },
  };
  assert.equal(
    await refusal(script),
    'reflection of SERVER: broke off after 4 answers: more than 67108864 bytes of answers',
  );
});

test('refused: more declarations than any server has', async () => {
  const values = Array.from({ length: 300_001 }, (_, at) => ({ name: `V${at}`, number: at }));
  const file = fileBytes({ ...service('x'), enumType: [{ name: 'E', value: values }] });
  const script: ReflectionScript = {
    answer: (question) => (question.kind === 'list' ? { services: ['S'] } : { files: [file] }),
  };
  assert.match(await refusal(script), /^too large: more than 300000 declarations$/);
});

test('a good server after a bad one', async () => {
  await refusal(lie('symbol', { end: true }));
  await withServer({ files: rich }, async (server) => {
    assert.ok((await load(server)).services.has('rich.v1.Library'));
  });
});
