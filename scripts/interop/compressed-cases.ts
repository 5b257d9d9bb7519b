/** The four cases about compression, for peers that have the feature. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { SingleBody } from '../../src/call/body.ts';
import type { Body, Reply, Sink } from '../../src/call/types.ts';
import type { Caller, Method } from './caller.ts';
import { assertLarge, assertOk, assertSizes, assertStatus, LARGE } from './cases.ts';
import { InputRequest, zeros } from './messages.ts';
import * as methods from './methods.ts';
import type { Feature } from './peers/peer.ts';

/** `compressing` compresses every request. */
type CompressedCase = (caller: Caller, compressing: Caller) => Promise<void>;

export const COMPRESSED_CASES: Readonly<
  Record<string, { readonly feature: Feature; readonly run: CompressedCase }>
> = {
  client_compressed_unary: {
    feature: 'expect_compressed unary',
    async run(caller, compressing) {
      const expecting = { ...LARGE, expectCompressed: { value: true } };
      assertStatus(await caller.run(methods.unaryCall, [expecting]), 'INVALID_ARGUMENT');
      assertLarge(await compressing.run(methods.unaryCall, [expecting]));
      const plain = { ...LARGE, expectCompressed: { value: false } };
      assertLarge(await caller.run(methods.unaryCall, [plain]));
    },
  },

  client_compressed_streaming: {
    feature: 'expect_compressed streaming',
    async run(caller, compressing) {
      const first = { expectCompressed: { value: true }, payload: zeros(27_182) };
      const second = { expectCompressed: { value: false }, payload: zeros(45_904) };
      const probe = await caller.run(methods.streamingInputCall, [first]);
      assertStatus(probe, 'INVALID_ARGUMENT');
      // The second message as it must not be: the peer looks at each.
      const both = await compressing.run(methods.streamingInputCall, [first, second]);
      assertStatus(both, 'INVALID_ARGUMENT');
      const answer = await caller
        .start(methods.streamingInputCall, mixedBody(first, second))
        .finish();
      assertOk(answer);
      assert.deepEqual(answer.messages, [{ aggregatedPayloadSize: 73_086 }]);
    },
  },

  server_compressed_unary: {
    feature: 'response_compressed unary',
    async run(caller) {
      for (const value of [true, false]) {
        const request = { ...LARGE, responseCompressed: { value } };
        assertLarge(await caller.run(methods.unaryCall, [request]));
        assert.deepEqual(await flagsOf(caller, methods.unaryCall, request), [value]);
      }
    },
  },

  server_compressed_streaming: {
    feature: 'response_compressed streaming',
    async run(caller) {
      const request = {
        responseParameters: [
          { compressed: { value: true }, size: 31_415 },
          { compressed: { value: false }, size: 92_653 },
        ],
      };
      const answer = await caller.run(methods.streamingOutputCall, [request]);
      assertOk(answer);
      assertSizes(answer.messages, [31_415, 92_653]);
      const flags = await flagsOf(caller, methods.streamingOutputCall, request);
      assert.deepEqual(flags, [true, false]);
    },
  },
};

/** How the messages of an answer have travelled. */
async function flagsOf<Request, Response>(
  caller: Caller,
  method: Method<Request, Response>,
  request: Request,
): Promise<boolean[]> {
  const body = new SingleBody({ codec: 'proto', bytes: method.request.encode(request) });
  const bytes = await travelled(await caller.start(method, body).reply);
  const flags: boolean[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt32BE(at + 1)) {
    flags.push(bytes[at] === 1);
  }
  return flags;
}

async function travelled({ body, end }: Reply): Promise<Buffer> {
  if (body.whole !== undefined) return Buffer.from(await body.whole());
  const chunks: Uint8Array[] = [];
  const sink: Sink = {
    onDrain: null,
    write: (chunk) => chunks.push(chunk) > 0,
    end: () => {},
    fail: () => {},
  };
  body.raw?.().pump(sink);
  assert.equal((await end).code, 'OK');
  return Buffer.concat(chunks);
}

/** A compressed message and a plain one, as a client that can choose for each sends them. */
function mixedBody(compressed: InputRequest, plain: InputRequest): Body {
  const chunks = [
    enveloped(1, gzipSync(InputRequest.encode(compressed))),
    enveloped(0, InputRequest.encode(plain)),
  ];
  return {
    single: false,
    encoding: 'gzip',
    next: () => assert.fail('the envelopes can be handed through'),
    cancel: () => {},
    raw: () => ({
      pump(sink) {
        for (const chunk of chunks) sink.write(chunk);
        sink.end(null);
      },
      pause: () => {},
      resume: () => {},
      cancel: () => {},
    }),
  };
}

function enveloped(flag: number, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
