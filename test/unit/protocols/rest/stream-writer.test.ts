import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createStreamWriter } from '../../../../src/protocols/rest/stream-writer.ts';

type Format = Parameters<typeof createStreamWriter>[0];

interface Case {
  readonly format: Format;
  readonly wrap: boolean;
  readonly contentType: string;
  /** No message; two messages; one message and an error; an error alone. */
  readonly none: string;
  readonly two: string;
  readonly failed: string;
  readonly onlyError: string;
}

const CASES: readonly Case[] = [
  {
    format: 'ndjson',
    wrap: false,
    contentType: 'application/x-ndjson',
    none: '',
    two: '{"a":1}\n{"a":"ä"}\n',
    failed: '{"a":1}\n{"error":{"code":5}}\n',
    onlyError: '{"error":{"code":5}}\n',
  },
  {
    format: 'ndjson',
    wrap: true,
    contentType: 'application/x-ndjson',
    none: '',
    two: '{"result":{"a":1}}\n{"result":{"a":"ä"}}\n',
    failed: '{"result":{"a":1}}\n{"error":{"code":5}}\n',
    onlyError: '{"error":{"code":5}}\n',
  },
  {
    format: 'json-array',
    wrap: false,
    contentType: 'application/json',
    none: '[]',
    two: '[{"a":1},{"a":"ä"}]',
    failed: '[{"a":1},{"error":{"code":5}}]',
    onlyError: '[{"error":{"code":5}}]',
  },
  {
    format: 'json-array',
    wrap: true,
    contentType: 'application/json',
    none: '[]',
    two: '[{"result":{"a":1}},{"result":{"a":"ä"}}]',
    failed: '[{"result":{"a":1}},{"error":{"code":5}}]',
    onlyError: '[{"error":{"code":5}}]',
  },
  {
    format: 'sse',
    wrap: false,
    contentType: 'text/event-stream',
    none: 'event: end\ndata: {}\n\n',
    two: 'data: {"a":1}\n\ndata: {"a":"ä"}\n\nevent: end\ndata: {}\n\n',
    failed: 'data: {"a":1}\n\nevent: error\ndata: {"code":5}\n\n',
    onlyError: 'event: error\ndata: {"code":5}\n\n',
  },
  {
    format: 'sse',
    wrap: true,
    contentType: 'text/event-stream',
    none: 'event: end\ndata: {}\n\n',
    two: 'data: {"result":{"a":1}}\n\ndata: {"result":{"a":"ä"}}\n\nevent: end\ndata: {}\n\n',
    failed: 'data: {"result":{"a":1}}\n\nevent: error\ndata: {"code":5}\n\n',
    onlyError: 'event: error\ndata: {"code":5}\n\n',
  },
];

const ONE = Buffer.from('{"a":1}');
const TWO = Buffer.from('{"a":"ä"}');
const ERROR = Buffer.from('{"code":5}');

describe('streamed messages on the wire', () => {
  for (const { format, wrap, contentType, none, two, failed, onlyError } of CASES) {
    test(`${format}${wrap ? ' with result' : ''}`, () => {
      assert.equal(createStreamWriter(format, wrap).contentType, contentType);
      const write = (use: (writer: ReturnType<typeof createStreamWriter>) => unknown[]): string =>
        use(createStreamWriter(format, wrap))
          .map((part) => (part instanceof Uint8Array ? Buffer.from(part).toString() : ''))
          .join('');
      assert.equal(
        write((writer) => [writer.end()]),
        none,
      );
      assert.equal(
        write((writer) => [writer.message(ONE, ''), writer.message(TWO, ''), writer.end()]),
        two,
      );
      assert.equal(
        write((writer) => [writer.message(ONE, ''), writer.error(ERROR)]),
        failed,
      );
      assert.equal(
        write((writer) => [writer.error(ERROR)]),
        onlyError,
      );
    });
  }
});
