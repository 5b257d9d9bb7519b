/** The test cases as interop-test-descriptions.md has them, for our outbound as the client. */
import assert from 'node:assert/strict';
import { Metadata } from '../../src/call/metadata.ts';
import type { Status } from '../../src/call/status.ts';
import { type Answer, type Caller, openBody } from './caller.ts';
import { type OutputResponse, OutputRequest, type SimpleResponse, zeros } from './messages.ts';
import * as methods from './methods.ts';

export type Case = (caller: Caller) => Promise<void>;

const REQUEST_SIZES = [27_182, 8, 1_828, 45_904];
const RESPONSE_SIZES = [31_415, 9, 2_653, 58_979];
export const LARGE = { responseSize: 314_159, payload: zeros(271_828) };
const ECHO_STATUS = { code: 2, message: 'test status message' };
const SPECIAL_STATUS = {
  code: 2,
  message: '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n',
};

export const CASES: Readonly<Record<string, Case>> = {
  async empty_unary(caller) {
    const answer = await caller.run(methods.emptyCall, [{}]);
    assertOk(answer);
    assert.deepEqual(answer.messages, [{}]);
  },

  async large_unary(caller) {
    assertLarge(await caller.run(methods.unaryCall, [LARGE]));
  },

  async client_streaming(caller) {
    const requests = REQUEST_SIZES.map((size) => ({ payload: zeros(size) }));
    const answer = await caller.run(methods.streamingInputCall, requests);
    assertOk(answer);
    assert.deepEqual(answer.messages, [{ aggregatedPayloadSize: 74_922 }]);
  },

  async server_streaming(caller) {
    const request = { responseParameters: RESPONSE_SIZES.map((size) => ({ size })) };
    const answer = await caller.run(methods.streamingOutputCall, [request]);
    assertOk(answer);
    assertSizes(answer.messages, RESPONSE_SIZES);
  },

  async ping_pong(caller) {
    const body = openBody();
    const running = caller.start(methods.fullDuplexCall, body);
    for (const [index, size] of RESPONSE_SIZES.entries()) {
      const request = { responseParameters: [{ size }], payload: zeros(REQUEST_SIZES[index] ?? 0) };
      body.push({ codec: 'proto', bytes: OutputRequest.encode(request) });
      const next = await running.next();
      assertSizes(next === undefined ? [] : [next], [size]);
    }
    body.end();
    const rest = await running.finish();
    assertOk(rest);
    assert.deepEqual(rest.messages, []);
  },

  async empty_stream(caller) {
    const answer = await caller.run(methods.fullDuplexCall, []);
    assertOk(answer);
    assert.deepEqual(answer.messages, []);
  },

  async custom_metadata(caller) {
    const metadata = (): Metadata =>
      new Metadata()
        .append('x-grpc-test-echo-initial', 'test_initial_metadata_value')
        .append('x-grpc-test-echo-trailing-bin', Uint8Array.of(0xab, 0xab, 0xab));
    const output = { responseParameters: [{ size: 314_159 }], payload: zeros(271_828) };
    const unary = await caller.run(methods.unaryCall, [LARGE], { metadata: metadata() });
    const duplex = await caller.run(methods.fullDuplexCall, [output], { metadata: metadata() });
    for (const { status, head } of [unary, duplex]) {
      assert.equal(status.code, 'OK');
      assert.equal(head?.text('x-grpc-test-echo-initial'), 'test_initial_metadata_value');
      const trailing = status.trailers?.get('x-grpc-test-echo-trailing-bin');
      assert.deepEqual(Buffer.from(trailing ?? ''), Buffer.of(0xab, 0xab, 0xab));
    }
  },

  async status_code_and_message(caller) {
    const request = { responseStatus: ECHO_STATUS };
    assertStatus(await caller.run(methods.unaryCall, [request]), 'UNKNOWN', ECHO_STATUS.message);
    const duplex = await caller.run(methods.fullDuplexCall, [request]);
    assertStatus(duplex, 'UNKNOWN', ECHO_STATUS.message);
  },

  async special_status_message(caller) {
    const answer = await caller.run(methods.unaryCall, [{ responseStatus: SPECIAL_STATUS }]);
    assertStatus(answer, 'UNKNOWN', SPECIAL_STATUS.message);
  },

  async unimplemented_method(caller) {
    assertStatus(await caller.run(methods.unimplementedCall, [{}]), 'UNIMPLEMENTED');
  },

  async unimplemented_service(caller) {
    assertStatus(await caller.run(methods.unimplementedService, [{}]), 'UNIMPLEMENTED');
  },

  async cancel_after_begin(caller) {
    const running = caller.start(methods.streamingInputCall, openBody());
    running.cancel();
    assertStatus(await running.finish(), 'CANCELLED');
  },

  async cancel_after_first_response(caller) {
    const body = openBody();
    const running = caller.start(methods.fullDuplexCall, body);
    const request = { responseParameters: [{ size: 31_415 }], payload: zeros(27_182) };
    body.push({ codec: 'proto', bytes: OutputRequest.encode(request) });
    const next = await running.next();
    assertSizes(next === undefined ? [] : [next], [31_415]);
    running.cancel();
    assertStatus(await running.finish(), 'CANCELLED');
  },

  async timeout_on_sleeping_server(caller) {
    const body = openBody();
    const running = caller.start(methods.fullDuplexCall, body, { timeoutMs: 1 });
    body.push({ codec: 'proto', bytes: OutputRequest.encode({ payload: zeros(27_182) }) });
    assertStatus(await running.finish(), 'DEADLINE_EXCEEDED');
  },
};

export function assertOk({ status }: Answer<unknown>): void {
  assert.equal(status.code, 'OK', status.message);
}

export function assertStatus(
  { status }: Answer<unknown>,
  code: Status['code'],
  message?: string,
): void {
  assert.equal(status.code, code, status.message);
  if (message !== undefined) assert.equal(status.message, message);
}

export function assertLarge(answer: Answer<SimpleResponse>): void {
  assertOk(answer);
  assertSizes(answer.messages, [314_159]);
}

/** Sizes in order, and every byte a zero. */
export function assertSizes(messages: readonly OutputResponse[], sizes: readonly number[]): void {
  const bodies = messages.map(({ payload }) => payload?.body ?? new Uint8Array());
  assert.deepEqual(
    bodies.map(({ length }) => length),
    sizes,
  );
  for (const body of bodies) assert.ok(body.every((byte) => byte === 0));
}
