/** What pages of other sites see of refusals (the Fetch standard, "CORS protocol"): without its headers a page learns nothing, not even that there was an answer. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { type FaultGateway, startFaultGateway } from '../support/fault-gateway.ts';
import type { RawAnswer } from '../support/raw-http.ts';
import { envelope } from '../support/scripted-grpc.ts';
import { type Form, FORMS } from './bad-input/form.ts';
import { type Answer, type Input, openLine, requestOf } from './bad-input/wire.ts';

const ORIGIN = 'https://app.example';
const cors = { origins: [ORIGIN] };
const origin = { origin: ORIGIN };
/** gRPC is no protocol of pages, and an upload is none that they can make. */
const OF_PAGES = FORMS.filter(({ http, single }) => single && http.includes('1.1'));

type Refusal = readonly [
  name: string,
  input: (form: Form) => Input,
  fits?: (form: Form) => boolean,
];

const REFUSALS: readonly Refusal[] = [
  ['wrong verb', () => ({ verb: 'PUT' }), ({ place }) => place !== 'query'],
  [
    'GET of a method with side effects',
    () => ({ path: '/fault.v1.Fault/Create' }),
    ({ place }) => place === 'query',
  ],
  ['wrong content type', ({ otherTypes }) => ({ type: otherTypes[0] ?? '' })],
  ['bad timeout', ({ timeout }) => ({ headers: { [timeout.header]: timeout.bad[1] ?? '' } })],
  ['an encoding that nobody knows', () => ({ encoding: 'lzma' })],
  [
    'a bad message',
    () => ({ payload: Buffer.from([0xff, 0xff, 0xff]) }),
    ({ codec }) => codec === 'json',
  ],
];

/** What a page must be allowed to read to know what happened: the status of gRPC is in headers, all others have a body. */
function assertReadable(form: Form, { headers }: Answer): void {
  assert.equal(headers['access-control-allow-origin'], ORIGIN);
  assert.match(headers['vary'] ?? '', /\borigin\b/);
  const exposed = (headers['access-control-expose-headers'] ?? '').split(', ');
  const needed =
    form.shape === 'grpc-web' ? Object.keys(headers).filter((n) => n.startsWith('grpc-')) : [];
  if (form.shape === 'grpc-web') assert.ok(needed.includes('grpc-status'));
  for (const name of needed)
    assert.ok(exposed.includes(name), `${name} is not in ${exposed.join()}`);
}

async function ask(
  t: TestContext,
  harness: FaultGateway,
  form: Form,
  input: Input,
): Promise<Answer> {
  const wired = requestOf(form, input);
  const line = openLine(t, harness.gateway.port, '1.1');
  return line.ask({ ...wired, headers: { ...wired.headers, ...origin } });
}

describe('a page may read why its call was refused', () => {
  for (const form of OF_PAGES) {
    for (const [name, input, fits] of REFUSALS) {
      if (fits?.(form) === false) continue;
      test(`${form.name}: ${name}`, async (t) => {
        const harness = await startFaultGateway(t, {}, { cors });
        const answer = await ask(t, harness, form, input(form));
        assertReadable(form, answer);
        assert.equal(harness.peer.calls, 0);
      });
    }

    test(`${form.name}: too many calls`, async (t) => {
      const harness = await startFaultGateway(t, { listen: { limits: { calls: 1 } } }, { cors });
      const arrived = Promise.withResolvers<void>();
      harness.peer.script = () => arrived.resolve();
      void harness.send('GET', '/v1/items/a').catch(() => {});
      await arrived.promise;
      const answer = await ask(t, harness, form, {});
      assertReadable(form, answer);
      assert.equal(harness.peer.calls, 1);
    });

    test(`${form.name}: an unknown method, where CORS holds for the whole gateway`, async (t) => {
      const path = '/fault.v1.Fault/Nothing';
      const whole = await startFaultGateway(t, { cors });
      assertReadable(form, await ask(t, whole, form, { path }));
      const ofRoute = await startFaultGateway(t, {}, { cors });
      const { headers } = await ask(t, ofRoute, form, { path });
      assert.equal(headers['access-control-allow-origin'], undefined);
    });

    test(`${form.name}: not where the route has no CORS, and not from elsewhere`, async (t) => {
      const without = await startFaultGateway(t, { cors }, { cors: false });
      const input = { type: form.otherTypes[0] ?? '' };
      const first = await ask(t, without, form, input);
      assert.equal(first.headers['access-control-allow-origin'], undefined);
      const elsewhere = await startFaultGateway(t, { cors: { origins: ['https://else.example'] } });
      const second = await ask(t, elsewhere, form, input);
      assert.equal(second.headers['access-control-allow-origin'], undefined);
      assert.match(second.headers['vary'] ?? '', /\borigin\b/);
    });
  }

  test('REST: a verb that the path does not have, by the CORS of the path', async (t) => {
    const harness = await startFaultGateway(t, {}, { cors });
    const answer = await harness.send('POST', '/v1/items:watch', { headers: origin, body: '{}' });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
  });
});

describe('a preflight', () => {
  function preflight(harness: FaultGateway, path: string, verb: string): Promise<RawAnswer> {
    return harness.send('OPTIONS', path, {
      headers: {
        ...origin,
        'access-control-request-method': verb,
        'access-control-request-headers': 'content-type,connect-timeout-ms',
      },
    });
  }

  for (const [name, path, verb] of [
    ['of a POST', '/fault.v1.Fault/Create', 'POST'],
    ['of a Connect GET', '/fault.v1.Fault/Get', 'GET'],
    ['of a service that the gateway answers itself', '/grpc.health.v1.Health/Check', 'POST'],
  ] as const) {
    test(`${name} is let in, and its call may be read`, async (t) => {
      const harness = await startFaultGateway(t, { cors });
      const { status, headers } = await preflight(harness, path, verb);
      assert.equal(status, 204);
      assert.equal(headers['access-control-allow-origin'], ORIGIN);
      assert.equal(headers['access-control-allow-methods'], verb);
      assert.equal(headers['access-control-allow-headers'], 'content-type,connect-timeout-ms');
      assert.equal(harness.peer.calls, 0);
    });
  }

  for (const [name, path, verb, expected] of [
    ['of a GET with side effects', '/fault.v1.Fault/Create', 'GET', 204],
    ['of a GET of a stream', '/fault.v1.Fault/Watch', 'GET', 204],
    ['of another verb', '/fault.v1.Fault/Get', 'DELETE', 204],
    ['of an unknown method', '/fault.v1.Fault/Nothing', 'POST', 404],
    ['of an unknown service', '/no.Such/Get', 'POST', 404],
  ] as const) {
    test(`${name} is refused`, async (t) => {
      const harness = await startFaultGateway(t, { cors });
      const { status, headers } = await preflight(harness, path, verb);
      assert.equal(status, expected);
      // A browser goes on only with both: an ok status and the method.
      assert.equal(headers['access-control-allow-methods'], undefined);
      if (expected === 204) assert.match(headers['allow'] ?? '', /OPTIONS$/);
      assert.equal(harness.peer.calls, 0);
    });
  }

  test('without CORS is refused, for every protocol', async (t) => {
    const harness = await startFaultGateway(t);
    for (const [path, verb] of [
      ['/fault.v1.Fault/Get', 'GET'],
      ['/fault.v1.Fault/Get', 'POST'],
      ['/grpc.health.v1.Health/Check', 'POST'],
    ] as const) {
      const { status, headers } = await preflight(harness, path, verb);
      assert.deepEqual([status, headers['access-control-allow-origin']], [204, undefined]);
    }
    assert.equal(harness.peer.calls, 0);
  });
});

test('health over gRPC-Web is a call that a page can make', async (t) => {
  const harness = await startFaultGateway(t, { cors });
  const answer = await harness.send('POST', '/grpc.health.v1.Health/Check', {
    headers: { ...origin, 'content-type': 'application/grpc-web+proto' },
    body: envelope({}),
  });
  assert.equal(answer.headers['access-control-allow-origin'], ORIGIN);
  assert.match(answer.body, /grpc-status:0/);
});
