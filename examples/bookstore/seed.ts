/** What stands on the shelves when the demo starts. Fixed to the byte: the README prints answers made of it. */
import { at } from './time.ts';
import type { Book, HttpBody, Review } from './types.ts';

export interface SeedBook {
  readonly book: Partial<Book> & Pick<Book, 'title'>;
  readonly reviews?: readonly Review[];
  readonly cover?: HttpBody;
  readonly manuscript?: HttpBody;
  /** Reading the record fails with DATA_LOSS. */
  readonly damaged?: boolean;
}

export interface SeedShelf {
  readonly id: string;
  readonly theme: string;
  readonly books: readonly SeedBook[];
}

const utf8 = new TextEncoder();

/** When every seeded shelf and book was made. */
export const SEED_TIME = at('2025-06-01T09:00:00Z');

/** A cover small enough to read in a terminal. */
function cover(color: string, title: string): HttpBody {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="120" height="180">` +
    `<rect width="120" height="180" fill="${color}"/>` +
    `<text x="60" y="90" fill="white" text-anchor="middle">${title}</text></svg>\n`;
  return { content_type: 'image/svg+xml', data: utf8.encode(svg) };
}

/** Long enough to travel in several pieces. */
function manuscript(title: string, lines: number): HttpBody {
  const numbered = Array.from({ length: lines }, (_, i) => `${title}, line ${i + 1}\n`);
  return { content_type: 'text/plain; charset=utf-8', data: utf8.encode(numbered.join('')) };
}

export const SEED: readonly SeedShelf[] = [
  {
    id: '1',
    theme: 'Novels of the sea',
    books: [
      {
        book: {
          title: 'Moby-Dick',
          subtitle: { value: 'The Whale' },
          authors: [{ given_name: 'Herman', family_name: 'Melville', birth_year: 1819 }],
          isbn: '9780142437247',
          genre: 'NOVEL',
          page_count: 720,
          publish_time: at('1851-10-18T00:00:00Z'),
          reading_time: { seconds: '86400', nanos: 0 },
          copies_sold: '9007199254740993',
          rating: { value: 4.5 },
          tags: ['whales', 'obsession'],
          labels: { language: 'en', signed: 'no' },
          chapters: { 1: 'Loomings', 2: 'The Carpet-Bag', 135: 'The Chase. Third Day' },
          print: { binding: 'hardcover', weight_kg: 1.25 },
          checksum: Uint8Array.of(0xde, 0xad, 0xbe, 0xef),
        },
        reviews: [
          {
            reviewer: 'Ishmael',
            stars: 5,
            text: 'I was there.',
            create_time: at('2025-07-01T12:00:00Z'),
          },
          {
            reviewer: 'The whale',
            stars: 2,
            text: 'One-sided.',
            create_time: at('2025-07-02T12:00:00.5Z'),
          },
        ],
        cover: cover('navy', 'Moby-Dick'),
        manuscript: manuscript('Moby-Dick', 10_000),
      },
      {
        book: {
          title: 'Treasure Island',
          authors: [{ given_name: 'Robert Louis', family_name: 'Stevenson' }],
          isbn: '9780141321004',
          genre: 'NOVEL',
          page_count: 240,
          publish_time: at('1883-11-14T00:00:00Z'),
          rating: { value: 4.25 },
          tags: ['pirates'],
        },
        cover: cover('darkred', 'Treasure Island'),
      },
      {
        book: {
          title: 'The Sea-Wolf',
          authors: [{ given_name: 'Jack', family_name: 'London', birth_year: 1876 }],
          isbn: '9780140183573',
          genre: 'NOVEL',
          publish_time: at('1904-10-01T00:00:00Z'),
          labels: { language: 'en' },
          ebook: { size_bytes: '734003', file_format: 'epub' },
        },
      },
    ],
  },
  {
    id: '2',
    theme: 'Poetry',
    books: [
      {
        book: {
          title: 'De rerum natura',
          authors: [{ given_name: 'Titus', family_name: 'Lucretius Carus', birth_year: -99 }],
          isbn: '9780198150978',
          genre: 'POETRY',
          labels: { language: 'la' },
        },
      },
      {
        book: {
          title: 'Leaves of Grass',
          authors: [{ given_name: 'Walt', family_name: 'Whitman', birth_year: 1819 }],
          isbn: '9780140421996',
          genre: 'POETRY',
          publish_time: at('1855-07-04T00:00:00Z'),
          labels: { language: 'en' },
        },
      },
    ],
  },
  {
    id: '3',
    theme: 'Water damage',
    books: [
      { book: { title: 'A Field Guide to Damp', genre: 'REFERENCE', isbn: '9780000000019' } },
      { book: { title: 'Illegible', genre: 'ESSAY', isbn: '9780000000026' }, damaged: true },
      { book: { title: 'How Books Dry', genre: 'ESSAY', isbn: '9780000000033' } },
    ],
  },
];
