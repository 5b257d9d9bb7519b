/** Messages of the demo service through the codecs in both directions: what two processes must agree about. */
import assert from 'node:assert/strict';
import { jsonReader, type ReadMode } from '../../src/codecs/proto-json/from-json/read-json.ts';
import { layoutOf } from '../../src/codecs/proto-json/layout.ts';
import { Output } from '../../src/codecs/proto-json/output.ts';
import { type CodecMode, jsonWriter } from '../../src/codecs/proto-json/to-json/write.ts';
import { loadSchema } from '../../src/schema/load.ts';
import { ROOT } from './command.ts';
import { environment } from './schema/load.ts';

const BOOK = {
  name: 'shelves/1/books/2',
  title: 'Café "Ada"\n',
  subtitle: '',
  authors: [{ givenName: 'Ada', birthYear: -7 }, { familyName: 'Lovelace' }],
  pageCount: 0,
  publishTime: '2026-01-02T03:04:05.600Z',
  readingTime: '-1.500s',
  copiesSold: '9007199254740993',
  rating: 4.5,
  tags: ['a', '', 'é'],
  labels: { __proto__x: 'a', b: '' },
  chapters: { '-1': 'minus', '2': 'two' },
  checksum: 'AQID/+8=',
  revision: '18446744073709551615',
};
const MESSAGES: readonly (readonly [type: string, value: object])[] = [
  ['Book', BOOK],
  ['ListBooksResponse', { books: [BOOK, {}, BOOK], nextPageToken: 'next', totalSize: 3 }],
  ['Shelf', { theme: 'x'.repeat(300), bookCount: -1 }],
];

export interface Transcoded {
  readonly type: string;
  /** Hexadecimal. */
  readonly bytes: string;
  readonly json: string;
}

/** Loads the descriptor set of the demo, reads the JSON of each message and writes it again; `auto` is what this process allows. */
export async function transcodeDemo(mode: 'auto' | CodecMode): Promise<Transcoded[]> {
  const descriptorSet = `${ROOT}/protos/demo/demo.binpb`;
  const schema = await loadSchema({ descriptorSet }, environment());
  const read = { ignoreUnknown: false, caseInsensitiveEnums: false, maxDepth: 100, types: schema };
  const style = {
    emitDefaults: false,
    enumsAsNumbers: false,
    protoNames: false,
    int64: 'string',
    anyLayout: () => undefined,
  } as const;
  const readMode: ReadMode = mode;
  return MESSAGES.map(([type, value]) => {
    const model = [...schema.messages.values()].find(({ fullName }) =>
      fullName.endsWith(`.${type}`),
    );
    assert.ok(model !== undefined, type);
    const layout = layoutOf(model);
    const bytes = new Output();
    jsonReader(layout, readMode)(Buffer.from(JSON.stringify(value)), bytes, read);
    const json = new Output();
    jsonWriter(layout, style, mode === 'auto' ? undefined : mode)(bytes.copy(), json);
    assert.deepEqual(JSON.parse(json.copy().toString()), value);
    return { type, bytes: bytes.copy().toString('hex'), json: json.copy().toString() };
  });
}
