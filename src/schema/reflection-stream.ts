/**
 * One call of grpc.reflection ServerReflectionInfo: a question, its answer, the next question. v1 and v1alpha are the same on the wire but
 * for the name of the service. Source: grpc/reflection/v1/reflection.proto.
 */
import type { ClientDuplexStream } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Clock, Timer } from '../lib/clock.ts';
import { addBundled } from './bundled.ts';
import { newRoot } from './collected.ts';
import { reasonOf } from './error.ts';
import { readMessage } from './read-message.ts';

/** ServerReflectionRequest.message_request, by proto names. */
export type ReflectionQuestion =
  | { readonly list_services: string }
  | { readonly file_containing_symbol: string }
  | { readonly file_by_filename: string };

/** ServerReflectionResponse, by proto names; exactly one of the three is set in a proper answer. */
export interface ReflectionAnswer {
  readonly list_services_response?: { readonly service?: readonly { readonly name?: string }[] };
  readonly file_descriptor_response?: { readonly file_descriptor_proto?: readonly Uint8Array[] };
  readonly error_response?: { readonly error_code?: number; readonly error_message?: string };
}

/** How a question failed: the gRPC code that ended the call, or none where the gateway gave up. */
export class ReflectionFailure extends Error {
  readonly code: number | undefined;
  /** How many answers had come before. */
  readonly answers: number;

  constructor(message: string, code: number | undefined, answers: number) {
    super(message);
    this.name = 'ReflectionFailure';
    this.code = code;
    this.answers = answers;
  }
}

export interface StreamLimits {
  /** How long the server may think about one answer. */
  readonly answerMs: number;
  /** All answers of one call together. */
  readonly maxBytes: number;
}

interface Waiting {
  resolve(answer: ReflectionAnswer): void;
  reject(failure: ReflectionFailure): void;
  readonly timer: Timer;
}

const codec = loadCodec();

export class ReflectionStream {
  readonly #call: ClientDuplexStream<Buffer, Buffer>;
  readonly #clock: Clock;
  readonly #limits: StreamLimits;
  #waiting: Waiting | undefined;
  #failure: ReflectionFailure | undefined;
  #answers = 0;
  #bytes = 0;

  constructor(call: ClientDuplexStream<Buffer, Buffer>, clock: Clock, limits: StreamLimits) {
    this.#call = call;
    this.#clock = clock;
    this.#limits = limits;
    call.on('data', (bytes: Buffer) => this.#onAnswer(bytes));
    // grpc-js reports every status but OK as an error, and an OK as the end.
    call.on('error', (error: Error & { code?: number; details?: string }) => {
      this.fail(`${error.code ?? ''} ${error.details ?? error.message}`.trim(), error.code);
    });
    call.on('end', () =>
      this.fail('the server ended the reflection call before its answer', undefined),
    );
  }

  /** One at a time. Rejects with a {@link ReflectionFailure}. */
  ask(question: ReflectionQuestion): Promise<ReflectionAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      const { answerMs } = this.#limits;
      const timer = this.#clock.after(answerMs, () => {
        this.fail(`no answer within ${answerMs} ms`, undefined);
      });
      this.#waiting = { resolve, reject, timer };
      this.#call.write(codec.encode(question));
    });
  }

  /** Ends the call; a question that waits is rejected. The first reason stays. */
  fail(message: string, code: number | undefined): void {
    if (this.#failure !== undefined) return;
    this.#failure = new ReflectionFailure(message, code, this.#answers);
    this.#call.cancel();
    this.#settle()?.reject(this.#failure);
  }

  /** Nothing more will be asked. */
  close(): void {
    this.fail('the reflection call was closed', undefined);
  }

  #onAnswer(bytes: Buffer): void {
    if (this.#failure !== undefined) return;
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limits.maxBytes) {
      this.fail(`more than ${this.#limits.maxBytes} bytes of answers`, undefined);
      return;
    }
    if (this.#waiting === undefined) {
      this.fail('an answer that nobody asked for', undefined);
      return;
    }
    try {
      const answer = codec.decode(bytes);
      this.#answers++;
      this.#settle()?.resolve(answer);
    } catch (thrown) {
      this.fail(`an answer that cannot be read: ${reasonOf(thrown)}`, undefined);
    }
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.timer.cancel();
    return waiting;
  }
}

interface Codec {
  encode(question: ReflectionQuestion): Buffer;
  decode(bytes: Uint8Array): ReflectionAnswer;
}

/** Numbers of the fields of ServerReflectionRequest. */
const QUESTIONS = { file_by_filename: 3, file_containing_symbol: 4, list_services: 7 } as const;
const DELIMITED = 2;

/** Without protobufjs' encoder and decoder, which compile. */
function loadCodec(): Codec {
  const root = newRoot();
  addBundled(root, ['grpc/reflection/v1/reflection.proto']);
  const response = root.lookupType('grpc.reflection.v1.ServerReflectionResponse');
  return {
    encode(question) {
      const writer = protobuf.Writer.create();
      for (const [name, text] of Object.entries(question)) {
        writer.uint32(QUESTIONS[name as keyof typeof QUESTIONS] * 8 + DELIMITED).string(text);
      }
      return Buffer.from(writer.finish());
    },
    decode: (bytes) => readMessage(response, bytes) as ReflectionAnswer,
  };
}
