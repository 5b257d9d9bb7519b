/** Health and reflection, which the gateway answers itself, over the protocols of browsers: the same answers in their shapes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FORMS, framed, type Form } from '../fault/bad-input/form.ts';
import { openLine, requestOf } from '../fault/bad-input/wire.ts';
import { endOf } from '../fault/bad-service/ends.ts';
import { startFaultGateway } from '../support/fault-gateway.ts';

const HEALTH = '/grpc.health.v1.Health/';
const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
const OF_PAGES = FORMS.filter(({ shape, single }) => single && /^(?:grpc|connect)/.test(shape));
const ENVELOPED = OF_PAGES.filter(({ place }) => place === 'envelopes');

/** A message of the client, in both codecs. */
function payload(form: Form, proto: Uint8Array, json: string): Uint8Array {
  const bytes = form.codec === 'proto' ? proto : Buffer.from(json);
  return form.place === 'envelopes' ? framed(0, bytes) : bytes;
}

const nothing = (form: Form): Uint8Array => payload(form, new Uint8Array(), '{}');
/** HealthCheckResponse of SERVING. */
const SERVING = { proto: Buffer.from([0x08, 0x01]), json: Buffer.from('{"status":"SERVING"}') };

describe('health', () => {
  for (const form of OF_PAGES.filter(({ shape }) => shape !== 'connect-stream')) {
    test(`Check: ${form.name}`, async (t) => {
      const { gateway, peer } = await startFaultGateway(t);
      const line = openLine(t, gateway.port, '2');
      const wired = requestOf(form, { path: `${HEALTH}Check`, payload: nothing(form) });
      const answer = await line.ask(wired);
      // It is not marked as free of side effects.
      if (form.place === 'query')
        assert.deepEqual([answer.status, answer.headers['allow']], [405, 'POST']);
      else if (form.place === 'body') assert.deepEqual(answer.body, SERVING[form.codec]);
      else assert.deepEqual(endOf(form, answer).messages, [SERVING[form.codec]]);
      assert.equal(peer.calls, 0);
    });

    if (form.place === 'query') continue;
    test(`Check of an unknown service: ${form.name}`, async (t) => {
      const { gateway } = await startFaultGateway(t);
      const line = openLine(t, gateway.port, '2');
      const unknown = payload(form, Buffer.from('\x0a\x02no'), '{"service":"no"}');
      const answer = await line.ask(requestOf(form, { path: `${HEALTH}Check`, payload: unknown }));
      const { code, message } = endOf(form, answer);
      assert.deepEqual([code, message], [5, 'no service no is routed here']);
    });
  }

  for (const form of ENVELOPED) {
    test(`Watch: ${form.name}`, async (t) => {
      const { gateway } = await startFaultGateway(t);
      const line = openLine(t, gateway.port, '2');
      const wired = requestOf(form, { path: `${HEALTH}Watch`, payload: nothing(form) });
      const told = Promise.withResolvers<void>();
      const answer = line.ask(wired, told.resolve);
      await told.promise;
      // A drain ends who watches, with the last status.
      const closed = gateway.close();
      const { messages, code } = endOf(form, await answer);
      assert.deepEqual([messages[0], code], [SERVING[form.codec], 0]);
      assert.equal(messages.length, 2);
      await closed;
    });
  }
});

describe('reflection', () => {
  for (const form of ENVELOPED.filter(({ http }) => http.includes('1.1'))) {
    test(`an upload that is read ahead has a bound: ${form.name}, HTTP/1.1`, async (t) => {
      const { gateway } = await startFaultGateway(t, { limits: { body: 1_000 } });
      const line = openLine(t, gateway.port, '1.1');
      const question = payload(form, Buffer.from('\x3a\x00', 'latin1'), '{"listServices":""}');
      const many = Buffer.concat(Array.from({ length: 200 }, () => question));
      const refused = endOf(
        form,
        await line.ask(requestOf(form, { path: REFLECTION, payload: many })),
      );
      assert.deepEqual([refused.code, refused.pg, refused.messages], [8, 'PG_BODY_TOO_LARGE', []]);
      const several = Buffer.concat([question, question, question]);
      const answer = await line.ask(requestOf(form, { path: REFLECTION, payload: several }));
      const { messages, code } = endOf(form, answer);
      assert.deepEqual([messages.length, code], [3, 0]);
    });
  }

  for (const form of ENVELOPED) {
    for (const version of form.http) {
      test(`lists what is routed: ${form.name}, HTTP/${version}`, async (t) => {
        const { gateway, peer } = await startFaultGateway(t);
        const line = openLine(t, gateway.port, version);
        const question = payload(form, Buffer.from('\x3a\x00', 'latin1'), '{"listServices":""}');
        const answer = await line.ask(requestOf(form, { path: REFLECTION, payload: question }));
        const { messages, code } = endOf(form, answer);
        assert.deepEqual([messages.length, code], [1, 0]);
        assert.match(String(messages[0]), /fault\.v1\.Fault/);
        if (form.codec === 'json') {
          const { listServicesResponse } = JSON.parse(String(messages[0])) as {
            listServicesResponse: { service: { name: string }[] };
          };
          assert.deepEqual(
            listServicesResponse.service.map(({ name }) => name),
            [
              'fault.v1.Fault',
              'grpc.health.v1.Health',
              'grpc.reflection.v1.ServerReflection',
              'grpc.reflection.v1alpha.ServerReflection',
            ],
          );
        }
        assert.equal(peer.calls, 0);
      });
    }
  }
});
