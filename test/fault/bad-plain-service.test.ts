/**
 * What a plain HTTP service can get wrong, as clients of each protocol see it. The outbound's own tests have every fault; here each kind of
 * answer is cut in each way once, for each form of request: an error in its own shape, never a clean end.
 */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { createGateway } from 'polygate';
import { memoryLog } from '../support/memory-log.ts';
import { untilStill } from '../support/raw-connection.ts';
import { answerOf, goodAnswer, type RawService, startRawService } from '../support/raw-service.ts';
import { type Form, FORMS, message } from './bad-input/form.ts';
import { type Line, openLine, requestOf } from './bad-input/wire.ts';
import { endOf } from './bad-service/ends.ts';

const SINGLE = FORMS.filter(({ single }) => single);
const UNARY = SINGLE.filter(({ shape }) => shape !== 'connect-stream');
const STREAMS = SINGLE.filter(({ shape }) => shape !== 'connect-unary').map(
  (form): Form => ({ ...form, method: 'Watch' }),
);

const INTERNAL = 13;
const UNAVAILABLE = 14;
const OK = 'HTTP/1.1 200 OK';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const LAST = '0\r\n\r\n';

interface Fault {
  readonly name: string;
  readonly bytes: string;
  readonly closes: boolean;
  readonly code: number;
  readonly pg: string;
}

const CUT = { closes: true, code: UNAVAILABLE, pg: 'PG_UPSTREAM_RESET' } as const;
const WRONG = { closes: false, code: INTERNAL, pg: 'PG_UPSTREAM_PROTOCOL' } as const;
const UNREADABLE = { closes: false, code: INTERNAL, pg: 'PG_RESPONSE_UNREADABLE' } as const;

const OF_ONE: readonly Fault[] = [
  { name: 'nothing', bytes: '', ...CUT },
  {
    name: 'less than its length',
    bytes: answerOf([OK, 'Content-Type: application/json', 'Content-Length: 20'], '{}'),
    ...CUT,
  },
  {
    name: 'HTML',
    bytes: answerOf([OK, 'Content-Type: text/html', 'Content-Length: 6'], '<html>'),
    ...WRONG,
  },
  {
    name: 'JSON that is cut off',
    bytes: answerOf([OK, 'Content-Type: application/json', 'Content-Length: 5'], '{"a":'),
    ...UNREADABLE,
  },
];

interface Kind {
  readonly name: string;
  readonly type: string;
  /** The message {"name":"good"}, whole. */
  readonly first: string;
  /** Half of another one. */
  readonly half: string;
  /** Whether an end behind a whole message is one. */
  readonly open: boolean;
}

const KINDS: readonly Kind[] = [
  {
    name: 'NDJSON',
    type: 'application/x-ndjson',
    first: '{"name":"good"}\n',
    half: '{"na',
    open: true,
  },
  {
    name: 'an array',
    type: 'application/json',
    first: '[{"name":"good"},',
    half: '{"na',
    open: false,
  },
  {
    name: 'events',
    type: 'text/event-stream',
    first: 'data: {"name":"good"}\n\n',
    half: 'data: {"na',
    open: true,
  },
];

interface World {
  readonly service: RawService;
  readonly line: Line;
}

async function start(t: TestContext): Promise<World> {
  const service = await startRawService(t);
  const gateway = await createGateway(
    {
      listen: { port: 0 },
      admin: false,
      upstreams: {
        peer: {
          protocol: 'http',
          endpoints: [`http://127.0.0.1:${service.port}`],
          schema: { protos: ['fault/v1/fault.proto'], importPaths: ['.'] },
        },
      },
      routes: [{ services: '*', upstream: 'peer' }],
    },
    { log: memoryLog(), baseDir: new URL('../support/protos', import.meta.url).pathname },
  );
  t.after(async () => void (await gateway.close(true)));
  return { service, line: openLine(t, gateway.port, '2') };
}

async function assertTold(
  { service, line }: World,
  form: Form,
  { code, pg }: Pick<Fault, 'code' | 'pg'>,
  onData?: () => void,
): Promise<number> {
  const end = endOf(form, await line.ask(requestOf(form), onData));
  assert.deepEqual([end.code, end.pg], [code, pg], end.message);
  for (const one of end.messages) assert.deepEqual(one, Buffer.from(message(form, 'good')));
  assert.equal(service.received.length, 1);
  service.script = (socket) => void socket.write(goodAnswer({ name: 'good' }));
  const next = await line.ask(requestOf({ ...form, method: 'Get' }));
  // The form of a stream of Connect has no unary method.
  if (form.shape !== 'connect-stream') assert.equal(next.status, 200);
  assert.ok((await untilStill(() => service.connections)) <= 1);
  return end.messages.length;
}

for (const form of UNARY) {
  describe(`${form.name}, one message`, () => {
    for (const fault of OF_ONE) {
      test(fault.name, async (t) => {
        const world = await start(t);
        world.service.script = (socket) => {
          socket.write(fault.bytes);
          if (fault.closes) socket.end();
        };
        await assertTold(world, form, fault);
      });
    }
  });
}

for (const form of STREAMS) {
  describe(`${form.name}, a stream`, () => {
    for (const kind of KINDS) {
      const head = answerOf([OK, `Content-Type: ${kind.type}`, 'Transfer-Encoding: chunked']);
      const cases: readonly (Fault & { readonly kind: Kind })[] = [
        { name: 'breaks off between two messages', bytes: '', ...CUT, kind },
        { name: 'breaks off within a message', bytes: chunk(kind.half), ...CUT, kind },
        { name: 'ends within a message', bytes: chunk(kind.half) + LAST, ...WRONG, kind },
        ...(kind.open ? [] : [{ name: 'ends without its bracket', bytes: LAST, ...WRONG, kind }]),
      ];
      for (const fault of cases) {
        for (const behind of [true, false]) {
          if (!behind && fault.bytes === '') continue;
          test(`${kind.name} ${fault.name}, ${behind ? 'behind one' : 'at the first'}`, async (t) => {
            const world = await start(t);
            const arrived = Promise.withResolvers<void>();
            world.service.script = async (socket) => {
              socket.write(head + (behind ? chunk(kind.first) : ''));
              if (behind) await arrived.promise;
              const opening = behind || kind.open ? '' : chunk('[');
              socket.write(opening + fault.bytes);
              if (fault.closes) socket.end();
            };
            const count = await assertTold(world, form, fault, () => arrived.resolve());
            assert.equal(count, behind ? 1 : 0);
          });
        }
      }
    }
  });
}
